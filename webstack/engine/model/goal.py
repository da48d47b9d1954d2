"""Describes what the program declares of one resource: a registration, decoded and validated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from webstack.engine.model import urn as urns


class Alias(msgspec.Struct, frozen=True):
    """Names a resource as it may have been called before: a whole URN, or the changed parts."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


class Goal(msgspec.Struct, frozen=True):
    """Describes one resource as the program declares it. One with a ``read_id`` is only read."""

    type: str
    name: str
    custom: bool
    parent: str = ""
    inputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    provider: str = ""
    version: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    import_id: str = ""
    read_id: str = ""
    custom_timeouts: Mapping[str, float] = msgspec.field(default_factory=dict)
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    replacement_trigger: Any = None
    hooks: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)

    @property
    def is_provider(self) -> bool:
        """Tell whether the declared resource is a provider."""
        return urns.is_provider(self.type)


def former_urns(goal: Goal, stack: str, project: str, used: Mapping[str, str]) -> tuple[str, ...]:
    """Compute every URN under which the resource may stand in the state.

    ``used`` maps URNs of this run to the alias each was found under: children of a renamed
    parent were named after the parent's old name.
    """
    own = [_collapsed(alias, goal, stack, project, used) for alias in goal.aliases]
    inherited = []
    former_parent = used.get(goal.parent)
    if former_parent is not None:
        parent_name = urns.name_of(goal.parent)
        shapes = [(goal.type, goal.name)]
        shapes += [(urns.type_of(urn), urns.name_of(urn)) for urn in own]
        for type_, name in shapes:
            inherited.append(_below(former_parent, parent_name, type_, name, stack, project))
    return tuple(dict.fromkeys([*own, *inherited]))


def _collapsed(alias: Alias, goal: Goal, stack: str, project: str, used: Mapping[str, str]) -> str:
    if alias.urn:
        return alias.urn
    parent = used.get(alias.parent, alias.parent) if alias.parent else goal.parent
    if alias.no_parent:
        parent = ""
    return urns.create(
        alias.stack or stack,
        alias.project or project,
        parent,
        alias.type or goal.type,
        alias.name or goal.name,
    )


def _below(
    former_parent: str, parent_name: str, type_: str, name: str, stack: str, project: str
) -> str:
    """Return the name of a child under its parent's old name, which often begins its own."""
    if name.startswith(parent_name):
        name = urns.name_of(former_parent) + name.removeprefix(parent_name)
    return urns.create(stack, project, former_parent, type_, name)
