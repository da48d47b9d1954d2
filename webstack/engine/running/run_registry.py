"""Registers which resources a run has dealt with, and what became of them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable

from webstack.engine.model.errors import PlanError
from webstack.engine.model.goal import Goal, former_urns
from webstack.engine.model.state import ResourceState


class RunRegistry:
    """Remembers the resources of one run. It is safe to use from many threads."""

    def __init__(self, stack: str, project: str, known: Collection[str]) -> None:
        """Begin with ``known``, the URNs in the state that the run begins with."""
        self._stack = stack
        self._project = project
        self._known = frozenset(known)
        self._lock = threading.RLock()
        self._goals: dict[str, Goal] = {}
        self._former: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._registered: dict[str, ResourceState] = {}
        self._doomed: dict[str, tuple[str, ...]] = {}
        self._replaced: set[str] = set()
        self._targets: set[str] = set()
        self._skipped: set[str] = set()
        self._broken: set[str] = set()

    def begin(self, urn: str, goal: Goal) -> None:
        """Record that a resource is being registered; raises PlanError for a second time."""
        with self._lock:
            if urn in self._goals:
                raise PlanError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
            self._goals[urn] = goal

    def goal(self, urn: str) -> Goal | None:
        """Return the goal that the program has declared under a URN, None without one."""
        with self._lock:
            return self._goals.get(urn)

    def seen(self) -> frozenset[str]:
        """Return the URNs that the run has begun to deal with, with former ones."""
        with self._lock:
            return frozenset((*self._goals, *self._taken))

    def former(self, urn: str, goal: Goal) -> str:
        """Return a renamed resource's URN in the state, or an empty text; raises PlanError."""
        with self._lock:
            for former in former_urns(goal, self._stack, self._project, self._former):
                if former not in self._known:
                    continue
                other = self._taken.get(former) or (former if former in self._goals else "")
                if other and other != urn:
                    raise PlanError(
                        f"Duplicate resource alias '{former}' applied to resource with URN "
                        f"'{urn}' conflicting with resource with URN '{other}'"
                    )
                self._taken[former] = urn
                self._former[urn] = former
                return former
        return ""

    def record(self, resource: ResourceState) -> None:
        """Record the resource that a registration has led to."""
        with self._lock:
            self._registered[resource.urn] = resource

    def registered(self, urn: str) -> ResourceState | None:
        """Return the resource that a registration has led to, None before that."""
        with self._lock:
            return self._registered.get(urn)

    def doom(self, urn: str, keys: tuple[str, ...]) -> None:
        """Record that a resource was deleted ahead of its own registration."""
        with self._lock:
            self._doomed[urn] = keys

    def doomed(self, urn: str) -> tuple[str, ...] | None:
        """Return the keys for which a resource was deleted ahead, None if it was not."""
        with self._lock:
            return self._doomed.get(urn)

    def replace(self, urn: str) -> None:
        """Record that a resource is replaced."""
        with self._lock:
            self._replaced.add(urn)

    def is_replaced(self, urns: Iterable[str]) -> bool:
        """Tell whether any of the URNs is replaced in this run."""
        with self._lock:
            return not self._replaced.isdisjoint(urns)

    def target(self, urn: str) -> None:
        """Record that the targets select a resource, or that it needs one of those."""
        with self._lock:
            self._targets.add(urn)

    def has_targets(self, urns: Iterable[str]) -> bool:
        """Tell whether the targets select any of the URNs."""
        with self._lock:
            return not self._targets.isdisjoint(urns)

    def skip(self, urn: str) -> None:
        """Record that a resource was not created because it is no target."""
        with self._lock:
            self._skipped.add(urn)

    def skipped(self, urns: Iterable[str]) -> list[str]:
        """Return those of the URNs that were not created, sorted."""
        with self._lock:
            return sorted(self._skipped.intersection(urns))

    def break_(self, urn: str) -> None:
        """Record that a resource failed, or was left out because something it needs failed."""
        with self._lock:
            self._broken.add(urn)

    def broken(self) -> frozenset[str]:
        """Return the URNs that failed or were left out."""
        with self._lock:
            return frozenset(self._broken)
