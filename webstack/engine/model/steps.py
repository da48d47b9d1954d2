"""Defines steps. A step is one operation on one resource, with its cause."""

from __future__ import annotations

from enum import Enum

import msgspec

from webstack.engine.model.provider import PropertyChange
from webstack.engine.model.state import ResourceState


class Op(str, Enum):
    """Names the operations as the CLI does."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    READ_DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REFRESH = "refresh"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"

    def __str__(self) -> str:
        return self.value


class Step(msgspec.Struct, frozen=True):
    """Describes one operation on one resource, from its old state to its new one.

    ``pending_delete`` marks the creation half of create-before-delete: the old resource then
    waits in the state for its deletion. ``pending_replacement`` marks the deletion half of
    delete-before-create: the old entry stays until the new one exists. ``untouched`` marks a
    deletion that only the state sees: the real thing stays, or goes with another one.
    """

    op: Op
    urn: str
    old: ResourceState | None = None
    new: ResourceState | None = None
    changes: tuple[PropertyChange, ...] = ()
    keys: tuple[str, ...] = ()
    pending_delete: bool = False
    pending_replacement: bool = False
    untouched: bool = False

    @property
    def resource(self) -> ResourceState:
        """Return the resource of the step: as it will be, or else as it was."""
        resource = self.new or self.old
        assert resource is not None, "a step is about a resource"  # noqa: S101 - an invariant
        return resource

    @property
    def changed(self) -> tuple[str, ...]:
        """Return the names of the top-level properties that differ, sorted."""
        return tuple(sorted({top(change.path) for change in self.changes if change.path}))

    def __str__(self) -> str:
        why = self.keys or self.changed
        return f"{self.op} {self.resource.name}" + (f": {', '.join(why)}" if why else "")


def top(path: str) -> str:
    """Return the property that a path begins with."""
    return path.split(".", 1)[0].split("[", 1)[0] or path
