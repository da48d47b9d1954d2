"""Reads and writes resource names: ``urn:pulumi:STACK::PROJECT::QUALIFIED$TYPE::NAME``."""

from __future__ import annotations

from typing import Final

import msgspec

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"
_PREFIX: Final = "urn:pulumi:"


class UrnParts(msgspec.Struct, frozen=True):
    """Holds the four parts of a URN."""

    stack: str
    project: str
    qualified_type: str
    name: str

    @property
    def type(self) -> str:
        """Return the resource's own type, without the types of its parents."""
        return self.qualified_type.rpartition("$")[2]

    def __str__(self) -> str:
        return f"{_PREFIX}{self.stack}::{self.project}::{self.qualified_type}::{self.name}"


def parse(urn: str) -> UrnParts:
    """Split a URN into its parts; the name may itself contain ``::``."""
    parts = urn.removeprefix(_PREFIX).split("::", 3)
    if not urn.startswith(_PREFIX) or len(parts) != 4:
        raise ValueError(f"not a URN: {urn!r}")
    return UrnParts(*parts)


def create(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Return the URN of a resource below ``parent``; an empty parent or the stack adds no type."""
    above = parse(parent).qualified_type if parent else ""
    qualified = type_ if above in ("", STACK_TYPE) else f"{above}${type_}"
    return str(UrnParts(stack, project, qualified, name))


def type_of(urn: str) -> str:
    """Return the type token of the resource itself."""
    return parse(urn).type


def name_of(urn: str) -> str:
    """Return the name that the program chose."""
    return parse(urn).name


def is_provider(type_: str) -> bool:
    """Tell whether a type token is that of a provider resource."""
    return type_.startswith(PROVIDER_PREFIX)


def package_of(type_: str) -> str:
    """Return the package that serves a type token; for a provider resource its own."""
    if is_provider(type_):
        return type_.removeprefix(PROVIDER_PREFIX)
    return type_.partition(":")[0]


def stack_urn(stack: str, project: str) -> str:
    """Return the URN of a stack's root resource."""
    return create(stack, project, "", STACK_TYPE, f"{project}-{stack}")
