"""Brings a release live: check, ask, gate, copy, start roles, switch, drain; and back.

Until the switch nothing changes for users. A failure at any point leaves links and configuration as
they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NoReturn

import msgspec

from infra.daemon.failures import ContainerError, DeploymentError
from infra.model.rollout_plan import ReplicaTarget, RolloutPlan, ServiceRelease, targets
from infra.rollout.checks.new_containers import NewContainers
from infra.rollout.events import Failed, Started, Timeline
from infra.rollout.gate.commands import commands
from infra.rollout.gate.gate import Gate
from infra.rollout.roles import Roles
from infra.rollout.running_containers import RunningContainers
from infra.rollout.traffic.draining import Draining, leaving
from infra.rollout.traffic.live_proxy import LiveProxy, file_name
from infra.rollout.traffic.static_files import StaticCopies, StaticFiles
from infra.rollout.traffic.switching import Switching
from proxy import paths


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
        looks = NewContainers(self.containers, self.new, self._changed, self.timeline)
        switching = Switching(self._proxy, self.new, self.timeline)
        if refused := looks.refused_folders():
            self._refuse(refused)
        self._start()
        if refused := looks.settle_owners(self.old):
            self._refuse(refused)
        try:
            self._limit_processes()
        except ContainerError:
            # What has exited cannot be limited; the wait tells why it did, with its last lines.
            self._gate.wait()
            self._limit_processes()
        # While the containers start there is time to look and to check.
        before = self._proxy.status()
        switching.check(before)
        self._gate.run()
        if self.gated:
            looks.look_at_prefixes()
        static = self._static_copies.brought(before.static)
        with self._roles.running():
            switching.run(before)
        self._draining.wait(leaving(self.old, self.new, before.links))
        self._proxy.unlink(before.links.keys() - self.new.links.keys())
        return static

    def _refuse(self, refused: Mapping[str, str]) -> NoReturn:
        """Tell why services are refused, with what else does not go live; nothing is switched."""
        services = self.new.services
        others = {name: each for name, each in services.items() if name not in refused}
        told = [*refused.values()]
        if others:
            plan = msgspec.structs.replace(self.new, services=others)
            try:
                replace(self, new=plan).wait()
            except DeploymentError as error:
                told.append(str(error))
        raise ContainerError("\n".join(told))

    def wait(self) -> None:
        """Start what has stopped, and wait until all could be prepared; raises ContainerError."""
        self._start()
        self._gate.wait()

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
    def _changed(self) -> dict[str, ServiceRelease]:
        unchanged = self.new.unchanged(self.old)
        return {
            name: service for name, service in self.new.services.items() if name not in unchanged
        }

    @property
    def _gate(self) -> Gate:
        changed = set(self._changed)
        said = commands(self.containers, self.old, self.new, changed) if self.gated else {}
        return Gate(self.containers, self.new, said, self.timeline)

    @property
    def _static_copies(self) -> StaticCopies:
        unchanged = self.new.unchanged(self.old)
        return StaticCopies(
            self.containers, self.new, self.static, unchanged, self.gated, self.timeline
        )

    @property
    def _draining(self) -> Draining:
        before = self.old.proxy if self.old else self.new.proxy
        proxies = tuple(dict.fromkeys((self.new.proxy, before)))
        return Draining(self.containers, proxies, self.timeline)

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
        for container, limit in self.new.others.items():
            # Users are served without it: one that is down holds up no release.
            with suppress(ContainerError):
                self.containers.limit_processes(container, limit)


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
