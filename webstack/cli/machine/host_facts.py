"""Looks at a machine over ssh, and decides what it lacks to run stacks: pure but for the look."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from webstack.cli.machine.shell import CommandError, run
from webstack.cli.terminal.errors import OpsError
from webstack.docker.transports import ssh_command

OLDEST = (20, 10)
"""The oldest Docker that serves."""
_SECONDS = 60
_LOOK = r"""
. /etc/os-release 2>/dev/null
echo "os=${PRETTY_NAME:-unknown}"
echo "apt=$(command -v apt-get)"
echo "user=$(id -un)"
echo "root=$([ "$(id -u)" = 0 ] && echo self || { sudo -n true 2>/dev/null && echo sudo; })"
echo "groups=$(id -Gn)"
echo "docker=$(command -v docker)"
echo "server=$(docker version --format '{{.Server.Version}}' 2>/dev/null)"
echo "daemon=$(command -v dockerd || ls /usr/sbin/dockerd 2>/dev/null)"
echo "systemd=$([ -d /run/systemd/system ] && echo yes)"
echo "upgrades=$(grep -hs '^APT::Periodic::Unattended-Upgrade "1"' /etc/apt/apt.conf.d/* | head -1)"
echo "ufw=$(command -v ufw || ls /usr/sbin/ufw 2>/dev/null)"
echo "cpus=$(getconf _NPROCESSORS_ONLN)"
echo "memory=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)"
echo "disk=$(df -Pm / | awk 'NR==2 {print $4}')"
"""


@dataclass(frozen=True)
class Action:
    """Holds one step: what it does in words, and as a line of shell that root runs."""

    words: str
    command: str


@dataclass(frozen=True)
class Host:
    """Holds what a machine said of itself, by key."""

    said: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.said.get(key, "")

    @property
    def version(self) -> tuple[int, ...]:
        """Give the version of the Docker daemon that answers; empty where none does."""
        parts = self["server"].split(".")[:2]
        return tuple(int(part) for part in parts) if all(map(str.isdigit, parts)) else ()

    def __str__(self) -> str:
        docker = f"Docker {self['server']}" if self["server"] else "no Docker that answers"
        return (
            f"{self['os']}, {self['cpus']} CPUs, {self['memory']} MiB of memory, "
            f"{self['disk']} MiB of disk free, {docker}"
        )


def look(address: str) -> Host:
    """Ask a machine how it is; raises OpsError where ssh lets nobody in."""
    try:
        text = run(ssh_command(address, f"sh -c {shlex.quote(_LOOK)}"), timeout=_SECONDS)
    except CommandError as error:
        said = " ".join(error.output.split())
        raise OpsError(
            f"{address} cannot be reached: {said or error}",
            "`ssh` has to get there without a question: a key of yours that it knows, and its own "
            "key in known_hosts",
        ) from None
    pairs = (line.partition("=") for line in text.splitlines())
    return Host({key: value.strip() for key, _, value in pairs})


def actions(host: Host) -> list[Action]:
    """Decide what the machine lacks; raises OpsError where that cannot be done for it."""
    wanted = [*_actions(host)]
    if host.version and host.version < OLDEST:
        raise OpsError(
            f"it has Docker {host['server']}, older than {'.'.join(map(str, OLDEST))}",
            "upgrade its distribution, or Docker, by hand",
        )
    if wanted and not host["apt"]:
        raise OpsError(
            f"{host['os']} has no apt-get, so this is to be done by hand: "
            + "; ".join(each.words for each in wanted),
            "then run this again",
        )
    if wanted and not host["root"]:
        raise OpsError(
            f"{host['user']} is not root there and has no sudo without a password",
            "name root in webstack:host for this once, or allow sudo",
        )
    return wanted


def hints(host: Host) -> list[str]:
    """Say what is for people to decide."""
    told = [
        "firewall: let in ssh and the port of the stack (webstack:port) alone, at the provider; a "
        "port that Docker publishes passes by ufw and by rules for INPUT",
        "ssh: keys alone (PasswordAuthentication no); whoever is in the group docker is as good as "
        "root",
    ]
    if host["ufw"]:
        told.append("ufw is there: what Docker publishes is open whatever ufw says")
    return told


def as_root(host: Host, action: Action) -> str:
    """Give the line of shell that does an action as root."""
    quoted = shlex.quote(action.command)
    return f"sudo -n sh -c {quoted}" if host["root"] == "sudo" else f"sh -c {quoted}"


def _actions(host: Host) -> Iterator[Action]:
    install = "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends"
    update = "apt-get update -q"
    if not host["daemon"] or not host["docker"]:
        yield Action(
            "install Docker from the distribution (docker.io, and its client)",
            f"{update} && {install} docker.io ca-certificates iptables && "
            f"{{ command -v docker >/dev/null || {install} docker-cli; }}",
        )
    if not host["server"]:
        start = "systemctl enable --now docker" if host["systemd"] else "service docker start"
        yield Action(f"start the Docker daemon, now and at each boot ({start})", start)
    if host["user"] != "root" and "docker" not in host["groups"].split():
        yield Action(
            f"let {host['user']} use Docker (group docker: as good as root on that machine)",
            f"usermod -aG docker {shlex.quote(host['user'])}",
        )
    if not host["upgrades"]:
        yield Action(
            "install security updates by itself (unattended-upgrades)",
            f"{update} && {install} unattended-upgrades && printf '%s\\n' "
            "'APT::Periodic::Update-Package-Lists \"1\";' "
            "'APT::Periodic::Unattended-Upgrade \"1\";' > /etc/apt/apt.conf.d/20auto-upgrades",
        )


def missing(found: Sequence[Action]) -> str:
    """Write the steps as a list for people."""
    return "\n".join(f"  {number}. {each.words}" for number, each in enumerate(found, 1))
