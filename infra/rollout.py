"""How a release goes live: check, ask, gate, copy, switch, drain; and back if any of it fails.

Until the switch nothing changes for users. A failure at any point leaves links and
configuration as they were.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from infra.containers import ContainerError, Containers
from proxy import paths

_POLL = 0.2
_SETTLE = 0.5
"""Seconds until requests that nginx was about to pass on have reached the old containers."""

_DRAFT = f"{paths.CONFIGURATION}.next"
StaticFiles = Mapping[str, tuple[str, ...]]
"""Names of static files, by the service that brought them."""


class Target(msgspec.Struct, frozen=True):
    """One replica: its container, its socket's file name, and the processes that may run.

    ``pids`` has their number for each of its containers, of which one may be a relay.
    """

    container: str
    socket: str
    pids: dict[str, int]


class ServiceRelease(msgspec.Struct, frozen=True):
    """What goes live of one service; times in seconds."""

    release: str
    replicas: tuple[Target, ...]
    health: str
    start_timeout: int
    grace: int
    static: str | None = None
    before_release: tuple[str, ...] | None = None


class Plan(msgspec.Struct, frozen=True):
    """A release of the whole stack: what the proxy serves, and from which containers."""

    proxy: str
    proxy_pids: int
    holder: str
    holder_pids: int
    configuration: str
    services: dict[str, ServiceRelease]

    @property
    def links(self) -> dict[str, str]:
        """Links of the proxy and the sockets that they lead to."""
        return {
            paths.link(name, number): f"{paths.SOCKETS_DIRECTORY}/{name}/{target.socket}"
            for name, service in self.services.items()
            for number, target in enumerate(service.replicas)
        }

    def unchanged(self, before: Plan | None) -> set[str]:
        """Services whose containers ran before and run on."""
        ran = before.services if before else {}
        return {
            name
            for name, service in self.services.items()
            if name in ran and ran[name].release == service.release
        }


@dataclass(frozen=True)
class Rollout:
    """Brings one plan live on the containers of an engine.

    ``static`` names the files that unchanged services brought. A release that is not ``gated``
    comes back: what it has to do before users see it was done when it was new, and the database
    may know more by now than its migrations do.
    """

    containers: Containers
    old: Plan | None
    new: Plan
    static: StaticFiles = field(default_factory=dict)
    gated: bool = True

    def run(self) -> StaticFiles:
        """Give the static files of each service.

        Raises ContainerError, with everything as before, when it cannot go live.
        """
        self._start()
        self._limit_processes()
        # While the containers start there is time to look and to check.
        links, configuration = _links(self.containers, self.new.proxy), self._configuration()
        if configuration != self.new.configuration:
            self._check(self.new.configuration)
        self._wait_until_healthy()
        if self.gated:
            self._run_gate_jobs()
        static = self._copy_static_files()
        self._switch(links, configuration)
        self._drain(self._leaving(links))
        self._remove_links(links.keys() - self.new.links.keys())
        return static

    def in_force(self) -> bool:
        """Whether all containers run, and the links lead where the plan says.

        A killed run may have left them elsewhere.
        """
        if any(self.containers.condition(name).status != "running" for name in self._names()):
            return False
        return _links(self.containers, self.new.proxy) == self.new.links

    def found(self) -> Plan:
        """The plan as it is in force: the links' sockets, and the configuration of nginx."""
        links = _links(self.containers, self.new.proxy)
        services = {
            name: msgspec.structs.replace(service, replicas=_linked(name, service, links))
            for name, service in self.new.services.items()
        }
        return msgspec.structs.replace(
            self.new, configuration=self._configuration(), services=services
        )

    def _names(self) -> list[str]:
        ours = [name for target in _targets(self.new.services) for name in target.pids]
        return [self.new.holder, self.new.proxy, *ours]

    def _start(self) -> None:
        """Start what an earlier failure or a hand has stopped."""
        for name in self._names():
            self.containers.start(name)

    def _changed(self) -> dict[str, ServiceRelease]:
        unchanged = self.new.unchanged(self.old)
        return {
            name: service for name, service in self.new.services.items() if name not in unchanged
        }

    def _limit_processes(self) -> None:
        limits = {
            self.new.proxy: self.new.proxy_pids,
            self.new.holder: self.new.holder_pids,
            **{
                name: limit
                for target in _targets(self.new.services)
                for name, limit in target.pids.items()
            },
        }
        for container, limit in limits.items():
            self.containers.limit_processes(container, limit)

    def _wait_until_healthy(self) -> None:
        jobs = [
            (name, service, target)
            for name, service in self.new.services.items()
            for target in service.replicas
        ]
        with ThreadPoolExecutor(len(jobs)) as pool:
            for result in [pool.submit(self._wait_for, *job) for job in jobs]:
                result.result()

    def _wait_for(self, name: str, service: ServiceRelease, target: Target) -> None:
        socket = f"{paths.SOCKETS_DIRECTORY}/{name}/{target.socket}"
        deadline = time.monotonic() + service.start_timeout
        while not self._answers(socket, service.health):
            condition = self.containers.condition(target.container)
            if condition.failed:
                lines = self.containers.last_lines(target.container)
                self.containers.stop(target.container)
                raise ContainerError(
                    f"{target.container} exited with code {condition.exit_code}; its last lines:"
                    f"\n{lines}"
                )
            if time.monotonic() > deadline:
                raise ContainerError(
                    f"{target.container} did not answer {service.health} within "
                    f"{service.start_timeout} s; its last lines:\n"
                    f"{self.containers.last_lines(target.container)}"
                )
            time.sleep(_POLL)

    def _answers(self, socket: str, path: str) -> bool:
        try:
            self.containers.run(self.new.proxy, "webstack-probe", socket, path, "localhost", "1")
        except ContainerError:
            return False
        return True

    def _run_gate_jobs(self) -> None:
        for name, service in self._changed().items():
            if service.before_release:
                output = self.containers.run(service.replicas[0].container, *service.before_release)
                _say(f"{name}: {' '.join(service.before_release)}", output)

    def _copy_static_files(self) -> StaticFiles:
        return {
            name: self.static.get(name) or self._copied(name, service, service.static)
            for name, service in self.new.services.items()
            if service.static
        }

    def _copied(self, name: str, service: ServiceRelease, folder: str) -> tuple[str, ...]:
        return self.containers.copy_folder(
            service.replicas[0].container, folder, self.new.proxy, paths.STATIC_DIRECTORY, name
        )

    def _leaving(self, linked: Mapping[str, str]) -> set[str]:
        """Names of the sockets that served so far, by link or by plan, and will not."""
        planned = _targets(self.old.services) if self.old else ()
        kept = {target.socket for target in _targets(self.new.services)}
        serving = {_file(to) for to in linked.values()} | {target.socket for target in planned}
        return serving - kept

    def _switch(self, links: dict[str, str], configuration: str) -> None:
        """Give new replicas their links, let nginx take the configuration that names them, switch.

        What fails on the way leaves links and configuration as they were.
        """
        new = {link: to for link, to in self.new.links.items() if link not in links}
        moved = {link: to for link, to in self.new.links.items() if links.get(link, to) != to}
        try:
            self._link(new)
            if configuration != self.new.configuration:
                self._activate()
            self._link(moved)
        except BaseException:
            if configuration != self._configuration():
                self._check(configuration)
                self._activate()
            self._link(links)
            raise

    def _check(self, configuration: str) -> None:
        """Lay a configuration beside the one in force, and let nginx judge it."""
        folder, _, file = _DRAFT.rpartition("/")
        self.containers.write_file(self.new.proxy, folder, file, configuration)
        self.containers.run(self.new.proxy, "nginx", "-q", "-t", "-c", _DRAFT)

    def _activate(self) -> None:
        """Put the checked configuration in force, closing no busy client."""
        self.containers.run(self.new.proxy, "mv", _DRAFT, paths.CONFIGURATION)
        self.containers.run(self.new.proxy, "webstack-reload")

    def _configuration(self) -> str:
        return self.containers.run(self.new.proxy, "cat", paths.CONFIGURATION)

    def _link(self, links: dict[str, str]) -> None:
        """Each link changes by one rename, so that nginx always finds one."""
        if not links:
            return
        script = 'while [ $# -gt 0 ]; do ln -sfn "$2" "$1.next" && mv -T "$1.next" "$1" || exit 1; '
        script += "shift 2; done"
        arguments = [word for pair in sorted(links.items()) for word in pair]
        self.containers.run(self.new.proxy, "sh", "-c", script, "link", *arguments)

    def _drain(self, leaving: set[str]) -> None:
        """Wait until no request is in, or on its way to, a container that will be stopped."""
        time.sleep(_SETTLE)
        services = (self.old or self.new).services.values()
        deadline = time.monotonic() + max(service.grace for service in services)
        while self._open_connections(leaving) and time.monotonic() < deadline:
            time.sleep(_POLL)

    def _remove_links(self, links: Set[str]) -> None:
        if links:
            self.containers.run(self.new.proxy, "rm", "-f", *sorted(links))

    def _open_connections(self, sockets: set[str]) -> int:
        """How many connections the proxy has to these sockets, waiting ones included.

        Both ends of a connection over a unix socket are in the network namespace of the end
        that connected. While one nginx follows another, that may be either of the two.
        """
        if not sockets:
            return 0
        lines = self._unix_sockets(self.new.proxy)
        if self.old and self.old.proxy != self.new.proxy:
            with suppress(ContainerError):  # it is gone already, and its connections with it
                lines += self._unix_sockets(self.old.proxy)
        return sum(_file(line) in sockets for line in lines)

    def _unix_sockets(self, proxy: str) -> list[str]:
        return self.containers.run(proxy, "cat", "/proc/net/unix").splitlines()


def _links(containers: Containers, proxy: str) -> dict[str, str]:
    script = f'for l in {paths.LINKS_DIRECTORY}/*.sock; do echo "$l $(readlink "$l")"; done'
    lines = containers.run(proxy, "sh", "-c", script).splitlines()
    return {link: to for link, _, to in (line.partition(" ") for line in lines) if to}


def _linked(name: str, service: ServiceRelease, links: dict[str, str]) -> tuple[Target, ...]:
    """The replicas of a service, with the sockets that their links lead to; none without."""
    return tuple(
        msgspec.structs.replace(target, socket=_file(links.get(paths.link(name, number), "")))
        for number, target in enumerate(service.replicas)
    )


def _file(path: str) -> str:
    return path.rpartition("/")[2]


def _targets(services: dict[str, ServiceRelease]) -> Iterable[Target]:
    return (target for service in services.values() for target in service.replicas)


def _say(title: str, output: str) -> None:
    for line in [title, *(f"    {line}" for line in output.splitlines())]:
        print(line, file=sys.stderr)


def plan(properties: dict[str, Any]) -> Plan:
    """The plan in a resource's properties, which may hold more and know no integers."""
    return msgspec.convert(whole(properties), Plan)


def whole(value: Any) -> Any:
    """The same value, with numbers that are whole as integers (on the wire all are floats)."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value
