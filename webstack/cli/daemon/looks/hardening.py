"""Checks containers by the fields that docker-bench looks at, with what webstack does about each.

The numbers are those of the CIS Docker Benchmark, chapters 4 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Inspected = Mapping[str, Any]
_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock")
_SYSTEM = ("/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr")
_LAST_PRIVILEGED_PORT = 1023


class Rule(NamedTuple):
    """Holds one field: its number, its name, what webstack does, and how to see that.

    ``fault`` says what is wrong with a container, or nothing. A field that is ``meant`` to differ
    says in ``done`` why.
    """

    number: str
    title: str
    done: str
    fault: Callable[[Inspected], str]
    meant: bool = False


class Judged(NamedTuple):
    """Holds one field, and by container what is wrong with it."""

    rule: Rule
    faults: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Tell whether no container differs, or all do on purpose."""
        return self.rule.meant or not self.faults


def judged(inspected: Mapping[str, Inspected]) -> list[Judged]:
    """Judge containers, by name as the daemon describes them, field by field."""
    return [
        Judged(rule, {name: said for name, each in inspected.items() if (said := rule.fault(each))})
        for rule in RULES
    ]


def _host(each: Inspected, key: str) -> Any:
    return each["HostConfig"].get(key)


def _user(each: Inspected) -> str:
    user = str(each["Config"].get("User") or "").partition(":")[0]
    return "runs as root" if user.lstrip("0") in ("", "root") else ""


def _apparmor(each: Inspected) -> str:
    return "is unconfined" if "apparmor=unconfined" in _options(each) else ""


def _seccomp(each: Inspected) -> str:
    return "is unconfined" if "seccomp=unconfined" in _options(each) else ""


def _selinux(each: Inspected) -> str:
    return "has label=disable" if "label=disable" in _options(each) else ""


def _privileges(each: Inspected) -> str:
    given = {"no-new-privileges", "no-new-privileges=true"} & set(_options(each))
    return "" if given else "may gain privileges"


def _options(each: Inspected) -> list[str]:
    return [str(option).replace(":", "=") for option in _host(each, "SecurityOpt") or ()]


def _capabilities(each: Inspected) -> str:
    added = ", ".join(_host(each, "CapAdd") or ())
    dropped = {str(name).upper() for name in _host(each, "CapDrop") or ()}
    return f"adds {added}" if added else "" if "ALL" in dropped else "keeps Docker's own set"


def _privileged(each: Inspected) -> str:
    return "is privileged" if _host(each, "Privileged") else ""


def _sources(each: Inspected) -> list[tuple[str, bool]]:
    """Give the folders of the host that are mounted, each with whether it can be written to."""
    mounts = each.get("Mounts") or ()
    return [(str(one["Source"]), bool(one["RW"])) for one in mounts if one["Type"] == "bind"]


def _system_folders(each: Inspected) -> str:
    found = [
        source
        for source, writes in _sources(each)
        if writes and (source == "/" or any(f"{source}/".startswith(f"{at}/") for at in _SYSTEM))
    ]
    return f"can write to {', '.join(found)} of the host" if found else ""


def _daemon_socket(each: Inspected) -> str:
    found = [source for source, _ in _sources(each) if source.endswith(_SOCKETS)]
    return f"has {', '.join(found)}" if found else ""


def _published(each: Inspected) -> list[tuple[str, int]]:
    bindings = (_host(each, "PortBindings") or {}).values()
    return [
        (str(one.get("HostIp") or "0.0.0.0"), int(one.get("HostPort") or 0))  # noqa: S104 - a word
        for listed in bindings
        for one in listed or ()
    ]


def _low_ports(each: Inspected) -> str:
    low = [str(port) for _, port in _published(each) if 0 < port <= _LAST_PRIVILEGED_PORT]
    return f"publishes {', '.join(low)}" if low and not _is_listener(each) else ""


def _needless_ports(each: Inspected) -> str:
    ports = [str(port) for _, port in _published(each)]
    return f"publishes {', '.join(ports)}" if ports and not _is_listener(each) else ""


def _interfaces(each: Inspected) -> str:
    every = [f"{address}:{port}" for address, port in _published(each) if address in _EVERY]
    return f"is published on {', '.join(every)}" if every else ""


_EVERY = ("0.0.0.0", "::", "")  # noqa: S104 - what is looked for


def _is_listener(each: Inspected) -> bool:
    return (each["Config"].get("Labels") or {}).get("webstack.role") == "holder"


def _shares(key: str) -> Callable[[Inspected], str]:
    def fault(each: Inspected) -> str:
        return "has that of the host" if _host(each, key) == "host" else ""

    return fault


def _memory(each: Inspected) -> str:
    return "" if _host(each, "Memory") else "has no limit"


def _cpu(each: Inspected) -> str:
    keys = ("NanoCpus", "CpuQuota", "CpuShares")
    return "" if any(_host(each, key) for key in keys) else "has no limit"


def _processes(each: Inspected) -> str:
    return "" if (_host(each, "PidsLimit") or 0) > 0 else "has no limit"


def _root(each: Inspected) -> str:
    return "" if _host(each, "ReadonlyRootfs") else "can write to its root"


def _restart(each: Inspected) -> str:
    policy = _host(each, "RestartPolicy") or {}
    name = policy.get("Name") or "no"
    return f"is {name}" if name in ("always", "unless-stopped") else ""


def _devices(each: Inspected) -> str:
    found = [str(one.get("PathOnHost")) for one in _host(each, "Devices") or ()]
    return f"has {', '.join(found)}" if found else ""


def _limits(each: Inspected) -> str:
    return "" if _host(each, "Ulimits") else "has those of the daemon"


def _propagation(each: Inspected) -> str:
    shared = [
        str(one["Destination"])
        for one in each.get("Mounts") or ()
        if one.get("Propagation") in ("shared", "rshared")
    ]
    return f"shares {', '.join(shared)}" if shared else ""


def _cgroup(each: Inspected) -> str:
    parent = _host(each, "CgroupParent")
    return f"is in {parent}" if parent else ""


def _health(each: Inspected) -> str:
    labels = each["Config"].get("Labels") or {}
    tests = (each["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
    if tests[0] != "NONE" or labels.get("webstack.health") == "relay":
        return ""
    return "" if labels.get("webstack.background") else "has none"


def _bridge(each: Inspected) -> str:
    networks = (each.get("NetworkSettings") or {}).get("Networks") or {}
    return "is in Docker's own bridge" if "bridge" in networks else ""


RULES = (
    Rule("4.1", "user", "each part has a numeric user of its own", _user),
    Rule("5.1", "AppArmor", "Docker's profile, where the kernel has AppArmor", _apparmor),
    Rule("5.2", "SELinux", "Docker's labels, where the kernel has SELinux", _selinux),
    Rule("5.3", "capabilities", "all are dropped, none is added", _capabilities),
    Rule("5.4", "privileged", "never; a policy forbids it", _privileged),
    Rule("5.5", "folders of the host", "none can be written to", _system_folders),
    Rule("5.7", "privileged ports", "none but the listener's, where port says so", _low_ports),
    Rule("5.8", "ports", "only the listener publishes; services are on sockets", _needless_ports),
    Rule("5.9", "host's network", "never; a policy forbids it", _shares("NetworkMode")),
    Rule("5.10", "memory", "memory of each section, without swap", _memory),
    Rule("5.11", "CPU", "cpus of each section", _cpu),
    Rule("5.12", "read-only root", "always; folders to write to are named", _root),
    Rule("5.13", "interface", "webstack:bind names it, 127.0.0.1 unless set", _interfaces),
    Rule(
        *("5.14", "restarts", "on purpose: it comes back after a reboot, at growing pauses"),
        *(_restart, True),
    ),
    Rule("5.15", "host's processes", "never; a policy forbids it", _shares("PidMode")),
    Rule("5.16", "host's memory", "never; a policy forbids it", _shares("IpcMode")),
    Rule("5.17", "devices", "none; a policy forbids them", _devices),
    Rule(
        *("5.18", "ulimits", "on purpose: memory, CPU and processes are limited by cgroup"),
        *(_limits, True),
    ),
    Rule("5.19", "propagation", "mounts are private", _propagation),
    Rule("5.20", "host's name", "never", _shares("UTSMode")),
    Rule("5.21", "seccomp", "Docker's profile; a policy forbids to leave it", _seccomp),
    Rule("5.24", "cgroup", "the daemon's own", _cgroup),
    Rule("5.25", "new privileges", "no-new-privileges, always", _privileges),
    Rule("5.26", "health", "each container that runs on is asked, or its relay is", _health),
    Rule("5.28", "processes", "pids of each section", _processes),
    Rule("5.29", "default bridge", "networks of the stack's own, or none", _bridge),
    Rule("5.30", "host's users", "never; a policy forbids it", _shares("UsernsMode")),
    Rule("5.31", "daemon's socket", "never; a policy forbids it", _daemon_socket),
)
"""Fields that an inspection shows; the others ask for what people do (5.6, 5.22, 5.23, 5.27)."""
