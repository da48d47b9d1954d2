"""Brings the roles of services live: old single ones stop, new ones start and must run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from infra.daemon.failures import ContainerError, DeploymentError
from infra.model.rollout_plan import RoleRelease
from infra.rollout.events import Healthy, Started, Stopped, Timeline, Unhealthy
from infra.rollout.gate.gate import Failure, told
from infra.rollout.running_containers import RunningContainers
from infra.settings.sections import NAMESPACE

POLL = 0.2
_SAME = ("webstack.project", "webstack.stack", "webstack.service", "webstack.background")
"""Labels that all containers of one role have in common, of whatever release."""
_Job = TypeVar("_Job")
_Done = TypeVar("_Done")


@dataclass(frozen=True)
class Roles:
    """Starts and stops the roles of one plan, on one daemon."""

    containers: RunningContainers
    roles: Mapping[str, RoleRelease]
    timeline: Timeline = field(default_factory=Timeline)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the roles for what follows; raises ContainerError that tells all that do not run.

        Old single ones stop before it, and those that hand over once the new ones run. If that or
        what follows fails, the new ones stop and the old ones run again.
        """
        stopped: dict[str, RoleRelease] = {}
        started: dict[str, RoleRelease] = {}
        try:
            self._stop_others(stopped, [role for role in self.roles.values() if role.single])
            self._start(started)
            self._require(started)
            self._stop_others(stopped, [role for role in self.roles.values() if role.hands_over])
            yield
        except BaseException:
            self._put_back(stopped, started)
            raise

    def names(self) -> list[str]:
        """Give the names of the containers of all roles."""
        return [name for role in self.roles.values() for name in role.containers]

    def found(self) -> dict[str, RoleRelease]:
        """Give the roles, each with only those of its containers that run."""
        return {
            full: msgspec.structs.replace(role, containers=self._running_of(role))
            for full, role in self.roles.items()
        }

    def _running_of(self, role: RoleRelease) -> dict[str, int]:
        return {
            name: pids
            for name, pids in role.containers.items()
            if self.containers.status(name).status == "running"
        }

    def _stop_others(self, stopped: dict[str, RoleRelease], roles: Iterable[RoleRelease]) -> None:
        """Stop other containers of these roles, also those that a killed run has left."""
        others = {name: role for role in roles for name in self._others(role)}
        stopped.update(others)
        self._each(others.items(), self._stop)

    def _others(self, role: RoleRelease) -> list[str]:
        name = next(iter(role.containers))
        labels = self.containers.inspected(name)["Config"]["Labels"] or {}
        same = {label: labels[label] for label in _SAME if label in labels}
        return [other for other in self.containers.running(same) if other not in role.containers]

    def _start(self, started: dict[str, RoleRelease]) -> None:
        for role in self.roles.values():
            for name, pids in role.containers.items():
                if self.containers.status(name).status != "running":
                    started[name] = role
                    self.containers.start(name)
                    self.timeline.tell(Started(container=name))
                with suppress(ContainerError):  # one that has ended is told with its last lines
                    self.containers.limit_processes(name, pids)

    def _require(self, started: Mapping[str, RoleRelease]) -> None:
        failures = self._each(started.items(), self._judged)
        if found := [failure for failure in failures if failure]:
            raise ContainerError(told(found))

    def _judged(self, job: tuple[str, RoleRelease]) -> Failure | None:
        name, role = job
        reason = self._problem(name, role)
        if not reason:
            self.timeline.tell(Healthy(service=role.service, container=name))
            return None
        self.timeline.tell(Unhealthy(service=role.service, container=name, reason=reason))
        return Failure(role.service, name, reason, self.containers.last_lines(name))

    def _problem(self, name: str, role: RoleRelease) -> str:
        """Wait until a container has run as it has to; gives the reason if it does not."""
        key = f"{NAMESPACE}:services.{role.service}.roles.{role.role}"
        began, said = time.monotonic(), ""
        while True:
            if self.containers.status(name).failed:
                code = self.containers.exit_code(name)
                known = "" if code is None else f" with code {code}"
                return f"exited{known}, and has to run on ({key}.command)"
            passed = time.monotonic() - began
            if isinstance(role.health, int):
                if passed >= role.health:
                    return ""
            else:
                said = self._said(name, role.health)
                if not said:
                    return ""
                if passed >= role.start_timeout:
                    return f"is not healthy after {role.start_timeout} s: {said} ({key}.health)"
            time.sleep(POLL)

    def _said(self, name: str, command: tuple[str, ...]) -> str:
        """Ask a container for its health by its command; gives in one line how that failed."""
        try:
            self.containers.run(name, *command)
        except ContainerError as error:
            return " ".join(str(error).split())
        return ""

    def _put_back(
        self, stopped: Mapping[str, RoleRelease], started: Mapping[str, RoleRelease]
    ) -> None:
        """Stop new roles and start old ones, as far as possible; the next release does the rest."""
        self._each(started.items(), _forgiving(self._stop))
        self._each(stopped, _forgiving(self.containers.start))

    def _stop(self, job: tuple[str, RoleRelease]) -> None:
        name, role = job
        self.containers.stop(name, role.grace)
        self.timeline.tell(Stopped(service=role.service, container=name))

    def _each(self, jobs: Iterable[_Job], work: Callable[[_Job], _Done]) -> list[_Done]:
        """Run ``work`` on all jobs at the same time, since each may take as long as its grace."""
        all_jobs = list(jobs)
        with ThreadPoolExecutor(len(all_jobs) or 1) as pool:
            return list(pool.map(work, all_jobs))


def _forgiving(work: Callable[[_Job], None]) -> Callable[[_Job], None]:
    def done(job: _Job) -> None:
        with suppress(DeploymentError):
            work(job)

    return done
