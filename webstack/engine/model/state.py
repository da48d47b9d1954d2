"""Describes a stack's state: resources, operations in flight, and how secrets are sealed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import msgspec

from webstack.engine.model import urn as urns

Values = Mapping[str, Any]
Operating = Literal["creating", "updating", "deleting", "reading", "importing"]


class ResourceState(msgspec.Struct, frozen=True, eq=False, dict=True):
    """Holds one resource as the state records it. Compared by identity, changed by `replace`.

    ``aliases`` are only ever read: in a state they would make the CLI refuse a later renaming back.
    ``extra`` carries what the CLI wrote and the engine has no use for, such as source positions.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Values = msgspec.field(default_factory=dict)
    outputs: Values = msgspec.field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    protect: bool = False
    taint: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    retain_on_delete: bool = False
    init_errors: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, float] = msgspec.field(default_factory=dict)
    import_id: str = ""
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Any = None
    hooks: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    created: str = ""
    modified: str = ""
    extra: Values = msgspec.field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name that the program chose."""
        return urns.name_of(self.urn)

    @property
    def is_provider(self) -> bool:
        """Tell whether this is a provider, explicit or default."""
        return urns.is_provider(self.type)

    @property
    def is_default_provider(self) -> bool:
        """Tell whether the engine made this provider by itself. It is neither shown nor counted."""
        return self.is_provider and not self.parent and self.name.startswith("default")

    @property
    def reference(self) -> str:
        """Return the reference ``URN::ID`` by which resources name this provider."""
        return f"{self.urn}::{self.id}"

    @cached_property
    def needs(self) -> frozenset[str]:
        """Return the URNs that must exist before this one: parent, provider, dependencies."""
        listed = [self.parent, provider_urn(self.provider), self.deleted_with]
        listed += [*self.dependencies, *self.replace_with]
        for dependencies in self.property_dependencies.values():
            listed += dependencies
        return frozenset(urn for urn in listed if urn)


class PendingOperation(msgspec.Struct, frozen=True):
    """Records an operation that was under way when the state was written."""

    resource: ResourceState
    type: Operating


class Snapshot(msgspec.Struct, frozen=True):
    """Holds the whole state of a stack."""

    resources: tuple[ResourceState, ...] = ()
    operations: tuple[PendingOperation, ...] = ()
    metadata: Values = msgspec.field(default_factory=dict)


def provider_urn(reference: str) -> str:
    """Return the URN inside a provider reference ``URN::ID``."""
    return reference.rpartition("::")[0]
