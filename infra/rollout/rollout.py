"""Brings a release live: check, ask, gate, copy, start roles, switch, drain; and back.

Until the switch nothing changes for users. A failure at any point leaves links and configuration as
they were.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from infra.daemon.failures import ContainerError, DeploymentError
from infra.daemon.static_copy import StaticError
from infra.model.rollout_plan import ReplicaTarget, RolloutPlan, ServiceRelease, targets
from infra.rollout import first_run, front_page, image_volumes
from infra.rollout.events import (
    Checked,
    Copied,
    Drained,
    Failed,
    OutsidePrefix,
    Started,
    Switched,
    Timeline,
)
from infra.rollout.gate import Gate
from infra.rollout.live_proxy import LiveProxy, ProxyStatus, file_name
from infra.rollout.roles import Roles
from infra.rollout.running_containers import RunningContainers
from infra.rollout.volume_owners import VolumeOwners
from proxy import paths
from proxy.static_names import is_hashed

_POLL = 0.2
_SETTLE = 0.2
"""Seconds until requests that nginx is passing on just now show among the old connections."""

StaticFiles = Mapping[str, tuple[str, ...]]
"""Names of static files, by the service that brought them."""


class _Leaving(NamedTuple):
    """Names a socket that will not serve any more, and the grace of its service in seconds."""

    service: str
    socket: str
    grace: int


@dataclass(frozen=True)
class Rollout:
    """Brings one plan live on the containers of a daemon.

    ``static`` names the files of services that brought them before. A release that is not ``gated``
    comes back. Its commands ran when it was new, and the database may be newer by now than its
    migrations. ``timeline`` tells what happens.
    """

    containers: RunningContainers
    old: RolloutPlan | None
    new: RolloutPlan
    static: StaticFiles = field(default_factory=dict)
    gated: bool = True
    timeline: Timeline = field(default_factory=Timeline)

    def run(self) -> StaticFiles:
        """Bring the release live, and give the static files of each service.

        Raises ContainerError if it cannot go live. Then everything is as before.
        """
        try:
            return self._brought_live()
        except DeploymentError as error:
            self._stop_idle()
            self.timeline.tell(Failed(reason=str(error)))
            raise

    def _brought_live(self) -> StaticFiles:
        self._refuse_folders()
        self._start()
        self._settle_owners()
        try:
            self._limit_processes()
        except ContainerError:
            # What has exited cannot be limited; the wait tells why it did, with its last lines.
            self._gate.wait()
            self._limit_processes()
        # While the containers start there is time to look and to check.
        before = self._proxy.status()
        if self._reloads(before):
            self._proxy.check(self.new.configuration)
            self.timeline.tell(Checked(container=self.new.proxy))
            self._proxy.announce()
        self._gate.run()
        self._look_at_prefixes()
        static = self._with_static_files(before.static)
        with self._roles.running():
            self._switch(before)
        self._drain(self._leaving(before.links))
        self._proxy.unlink(before.links.keys() - self.new.links.keys())
        return static

    def in_force(self) -> bool:
        """Tell whether the plan is in force.

        That is so if all containers run, if nginx has loaded its configuration, and if its links
        are those of the plan: a killed run may have left them elsewhere. Nginx must have all static
        files, too.
        """
        names = [*self._names(), *self._roles.names()]
        if any(self.containers.status(name).status != "running" for name in names):
            return False
        now = self._proxy.status()
        brought = {f"{name}/{file}" for name, files in self.static.items() for file in files}
        return now.loaded and now.links == self.new.links and brought <= now.static

    def files(self) -> Set[str]:
        """Give the static files that nginx has, as ``service/file``."""
        return self._proxy.status().static

    def found(self) -> RolloutPlan:
        """Give the plan as it is in force.

        That is the sockets that links lead to, nginx's configuration, and the roles that run.
        """
        now = self._proxy.status()
        services = {
            name: msgspec.structs.replace(service, replicas=_linked(name, service, now.links))
            for name, service in self.new.services.items()
        }
        return msgspec.structs.replace(
            self.new,
            configuration=now.configuration,
            services=services,
            roles=self._roles.found(),
        )

    @property
    def _roles(self) -> Roles:
        return Roles(self.containers, self.new.roles, self.timeline)

    @property
    def _proxy(self) -> LiveProxy:
        return LiveProxy(self.containers, self.new.proxy)

    def _names(self) -> list[str]:
        ours = [name for target in targets(self.new.services) for name in target.pids]
        return [*self.new.holders, self.new.proxy, *ours]

    def _start(self) -> None:
        """Start containers that an earlier failure or a person has stopped."""
        for name in self._names():
            self.containers.start(name)
            self.timeline.tell(Started(container=name))

    def _stop_idle(self) -> None:
        """Stop containers that serve nobody, as far as possible: they would slow the next try."""
        with suppress(DeploymentError):
            linked = {file_name(to) for to in self._proxy.status().links.values()}
            idle = [each for each in targets(self.new.services) if each.socket not in linked]
            names = [name for target in idle for name in target.pids]
            with ThreadPoolExecutor(len(names) or 1) as pool:
                list(pool.map(self.containers.stop, names))

    def _refuse_folders(self) -> None:
        """Refuse folders whose content would be lost."""
        refused = []
        for name, service in self._changed().items():
            container = service.replicas[0].container
            found = self.containers.inspected(container)
            if lost := image_volumes.unnamed(found):
                image = f"image {found['Config']['Image']}"
                refused.append(image_volumes.refusal(name, image, lost))
        if refused:
            raise ContainerError("\n".join(refused))

    def _settle_owners(self) -> None:
        """Let services write to their volumes, before anybody waits for what cannot start."""
        owners = VolumeOwners(self.containers, self.new.holder, self.timeline)
        before = self.old.services if self.old else {}
        for name, service in self._changed().items():
            owners.settle(name, service, before.get(name))

    def _look_at_prefixes(self) -> None:
        """Tell of services that do not fit under their paths; they go live anyway."""
        for name, service in self._changed().items() if self.gated else ():
            target = service.replicas[0]
            reason = front_page.judged(self.containers, self.new.proxy, name, service)
            if reason:
                told = OutsidePrefix(service=name, container=target.container, reason=reason)
                self.timeline.tell(told)

    def _changed(self) -> dict[str, ServiceRelease]:
        unchanged = self.new.unchanged(self.old)
        return {
            name: service for name, service in self.new.services.items() if name not in unchanged
        }

    def _limit_processes(self) -> None:
        limits = {
            self.new.proxy: self.new.proxy_pids,
            **dict.fromkeys(self.new.holders, self.new.holder_pids),
            **{
                name: limit
                for target in targets(self.new.services)
                for name, limit in target.pids.items()
            },
        }
        for container, limit in limits.items():
            self.containers.limit_processes(container, limit)

    @property
    def _gate(self) -> Gate:
        return Gate(self.containers, self.new, self._commands(), self.timeline)

    def _commands(self) -> dict[str, list[tuple[str, ...]]]:
        """Give the commands of changed services before the switch.

        Examples are among them if the service is new.
        """
        if not self.gated:
            return {}
        before = self.old.services if self.old else {}
        first = self._first_runs()
        commands = {}
        for name, item in self._changed().items():
            examples = None if name in before else item.seed
            said = (item.before_release, first.get(name), examples)
            commands[name] = [command for command in said if command]
        only = {name: [each] for name, each in first.items() if name not in commands}
        return {name: each for name, each in {**commands, **only}.items() if each}

    def _first_runs(self) -> dict[str, tuple[str, ...]]:
        """Give the commands that run once in the stack's life, and have not run yet."""
        wanted = {name: item.init for name, item in self.new.services.items() if item.init}
        if not wanted:
            return {}
        done = first_run.initialised(self.containers, self.new.proxy)
        return {name: command for name, command in wanted.items() if name not in done}

    def _with_static_files(self, there: Set[str]) -> StaticFiles:
        """Copy files that are not there yet; gives what each service brought."""

        def brought(name: str, folder: str) -> tuple[str, ...]:
            files = self.static.get(name, ())
            complete = files and {f"{name}/{file}" for file in files} <= there
            # Another release may have files of these names, unless they carry their content.
            own = name in unchanged or all(map(is_hashed, files))
            return files if complete and own else self._copied(name, folder)

        unchanged = self.new.unchanged(self.old)
        services = self.new.services.items()
        folders = {name: service.static for name, service in services if service.static}
        with ThreadPoolExecutor() as pool:
            copies = pool.map(brought, folders, folders.values())
            return dict(zip(folders, copies, strict=True))

    def _copied(self, name: str, folder: str) -> tuple[str, ...]:
        source = self.new.services[name].replicas[0].container
        parent = paths.STATIC_DIRECTORY
        try:
            files = self.containers.copy_folder(
                source, folder, self.new.proxy, parent, name, strict=self.gated
            )
        except StaticError as error:
            raise StaticError(f"{name}: {error}") from None
        self.timeline.tell(Copied(service=name, container=source, files=len(files)))
        return files

    def _leaving(self, linked: Mapping[str, str]) -> list[_Leaving]:
        """Give the sockets that served so far, by link or by plan, and will not any more."""
        links = {file_name(to): file_name(link).rpartition("-")[0] for link, to in linked.items()}
        old = self.old.services if self.old else {}
        plan = {target.socket: name for name, each in old.items() for target in each.replicas}
        kept = {target.socket for target in targets(self.new.services)}
        known = {**self.new.services, **old}
        longest = max(service.grace for service in known.values())
        return [
            _Leaving(name, socket, known[name].grace if name in known else longest)
            for socket, name in {**links, **plan}.items()
            if socket not in kept
        ]

    def _reloads(self, before: ProxyStatus) -> bool:
        return not before.loaded or before.configuration != self.new.configuration

    def _switch(self, before: ProxyStatus) -> None:
        """Give new replicas their links, activate the configuration that names them, and switch.

        If a step fails, links and configuration are put back as they were.
        """
        new, links = self.new.links, before.links
        added = {link: to for link, to in new.items() if link not in links}
        moved = {link: to for link, to in new.items() if links.get(link, to) != to}
        try:
            self._proxy.link(added)
            self._proxy.wait_until_held(added)
            if self._reloads(before):
                self._proxy.activate()
            self._proxy.link(moved)
            self._proxy.wait_until_held(moved)
        except BaseException:
            if before.configuration != self._proxy.status().configuration:
                self._proxy.check(before.configuration)
                self._proxy.activate()
            self._proxy.link(links)
            raise
        self._tell_switched({*added, *moved})

    def _tell_switched(self, links: Set[str]) -> None:
        for name, service in self.new.services.items():
            for number, target in enumerate(service.replicas):
                if paths.link(name, number) in links:
                    self.timeline.tell(Switched(service=name, container=target.container))

    def _drain(self, leaving: Sequence[_Leaving]) -> None:
        """Wait until no request is in, or on its way to, a container that will be stopped."""
        time.sleep(_SETTLE)
        began = time.monotonic()
        waited = {each.socket for each in leaving}
        while self._open_connections(waited):
            time.sleep(_POLL)
            passed = time.monotonic() - began
            waited = {each.socket for each in leaving if each.grace > passed}
        for each in leaving:
            self.timeline.tell(Drained(service=each.service, socket=each.socket))

    def _open_connections(self, sockets: Set[str]) -> int:
        """Count the connections that are open to these sockets.

        While one nginx follows another, either of the two may have some.
        """
        count = self._proxy.connections(sockets)
        if self.old and self.old.proxy != self.new.proxy:
            with suppress(ContainerError):  # it is gone already, and its connections with it
                count += LiveProxy(self.containers, self.old.proxy).connections(sockets)
        return count


def _linked(
    name: str, service: ServiceRelease, links: Mapping[str, str]
) -> tuple[ReplicaTarget, ...]:
    """Give the replicas of a service, with the sockets that their links lead to.

    A replica without a link has an empty socket.
    """
    return tuple(
        msgspec.structs.replace(target, socket=file_name(links.get(paths.link(name, number), "")))
        for number, target in enumerate(service.replicas)
    )
