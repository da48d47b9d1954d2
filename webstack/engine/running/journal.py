"""Keeps the state during a run: what it began with, what has changed, what is under way.

Resources of the run come first, in the order of their completion, then what the run has not
touched yet. Every change that matters reaches the disk before the run goes on; threads that
wait for the disk at the same time share one write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from webstack.engine.model.state import (
    Operating,
    PendingOperation,
    ResourceState,
    Snapshot,
    provider_urn,
)
from webstack.engine.planning.graph import ordered

Writer = Callable[[Snapshot], None]


class Journal:
    """Collects the effects of steps and saves snapshots. It is safe to use from many threads."""

    def __init__(self, before: Snapshot, write: Writer | None) -> None:
        """Begin with a state. Without a writer, as in a preview, nothing is saved."""
        self._metadata = before.metadata
        self._old: dict[ResourceState, None] = dict.fromkeys(before.resources)
        self._new: dict[ResourceState, None] = {}
        self._operations: dict[PendingOperation, None] = dict.fromkeys(before.operations)
        self._by_urn = {
            resource.urn: resource for resource in before.resources if not resource.delete
        }
        self._announced: dict[str, str] = {}
        self._renamed: dict[str, str] = {}
        self._followed: dict[ResourceState, ResourceState] = {}
        self._write = write
        self._lock = threading.Lock()
        self._disk = threading.Lock()
        self._version = 0
        self._saved = 0

    @property
    def touched(self) -> bool:
        """Tell whether the state differs from the one that the journal began with."""
        with self._lock:
            return self._version > 0

    @property
    def settled(self) -> bool:
        """Tell whether the state is unchanged and has nothing under way."""
        with self._lock:
            return self._version == 0 and not self._operations

    def leftover(self) -> tuple[ResourceState, ...]:
        """Return the resources of the initial state that the run has not taken over."""
        with self._lock:
            return tuple(self._old)

    def old(self, urn: str) -> ResourceState | None:
        """Return the resource that the run found under a URN, with its present marks."""
        with self._lock:
            return self._by_urn.get(urn)

    def snapshot(self) -> Snapshot:
        """Return the present state."""
        with self._lock:
            return self._snapshot()

    def begin(self, type_: Operating, resource: ResourceState) -> PendingOperation:
        """Save that an operation is about to happen."""
        operation = PendingOperation(resource, type_)
        with self._lock:
            self._operations[operation] = None
            self._version += 1
        self.save()
        return operation

    def end(
        self,
        operation: PendingOperation | None,
        *,
        put: ResourceState | None = None,
        drop: Iterable[ResourceState] = (),
        swap: Mapping[ResourceState, ResourceState] | None = None,
        changed: bool = True,
        save: bool = True,
    ) -> None:
        """Record the effect of an operation: a new resource, removed ones, marked ones.

        What has not ``changed`` anything only notes that the run has dealt with a resource.
        """
        with self._lock:
            if operation is not None:
                self._operations.pop(operation, None)
            for resource in drop:
                self._remove(resource)
            for before, after in (swap or {}).items():
                self._swap(before, after)
            if put is not None:
                self._put(put)
            self._version += changed
        if changed and save:
            self.save()

    def adopt(
        self,
        operation: PendingOperation,
        resource: ResourceState,
        *,
        drop: ResourceState | None = None,
        mark: tuple[ResourceState, ResourceState] | None = None,
    ) -> None:
        """Add what an earlier run created to the state that this run began with."""
        with self._lock:
            self._operations.pop(operation, None)
            if drop is not None:
                self._remove(drop)
            if mark is not None:
                self._swap(*mark)
            self._old[resource] = None
            self._by_urn[resource.urn] = resource
            self._version += 1
        self.save()

    def rename(self, former: str, urn: str) -> None:
        """Record that a resource changes its URN as soon as it is put under the new one.

        From then on those that still name the old one follow it.
        """
        with self._lock:
            self._announced[urn] = former

    def save(self) -> None:
        """Write the state unless the same state is on disk already."""
        if self._write is None:
            return
        with self._lock:
            wanted = self._version
        with self._disk:
            if self._saved >= wanted:
                return
            with self._lock:
                version, snapshot = self._version, self._snapshot()
            self._write(snapshot)
            self._saved = version

    def _put(self, resource: ResourceState) -> None:
        self._new[resource] = None
        former = self._announced.pop(resource.urn, None)
        if former is not None:
            self._renamed[former] = resource.urn
            self._followed.clear()

    def _remove(self, resource: ResourceState) -> None:
        if self._by_urn.get(resource.urn) is resource:
            del self._by_urn[resource.urn]
        self._old.pop(resource, None)
        self._new.pop(resource, None)

    def _swap(self, before: ResourceState, after: ResourceState) -> None:
        for resources in (self._old, self._new):
            if before in resources:
                items = [after if item is before else item for item in resources]
                resources.clear()
                resources.update(dict.fromkeys(items))
        if self._by_urn.get(before.urn) is before:
            self._by_urn[before.urn] = after

    def _snapshot(self) -> Snapshot:
        resources = ordered([self._following(item) for item in (*self._new, *self._old)])
        return Snapshot(resources, tuple(self._operations), self._metadata)

    def _following(self, resource: ResourceState) -> ResourceState:
        if resource.needs.isdisjoint(self._renamed):
            return resource
        if resource not in self._followed:
            self._followed[resource] = renamed(resource, self._renamed)
        return self._followed[resource]


def renamed(resource: ResourceState, names: Mapping[str, str]) -> ResourceState:
    """Return a resource that refers to others by their present URNs."""

    def follow(urns: Iterable[str]) -> tuple[str, ...]:
        return tuple(names.get(urn, urn) for urn in urns)

    provider = provider_urn(resource.provider)
    return replace(
        resource,
        parent=names.get(resource.parent, resource.parent),
        provider=resource.provider.replace(provider, names.get(provider, provider), 1),
        dependencies=follow(resource.dependencies),
        property_dependencies={
            key: follow(urns) for key, urns in resource.property_dependencies.items()
        },
        deleted_with=names.get(resource.deleted_with, resource.deleted_with),
        replace_with=follow(resource.replace_with),
    )
