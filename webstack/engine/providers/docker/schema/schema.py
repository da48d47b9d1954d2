"""Describes the properties of a resource type, for checking, diff and docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from webstack.engine.model.provider import UNKNOWN

Kind = Literal["text", "number", "flag", "map", "list", "set", "object"]
Schema = Mapping[str, "Property"]
Rule = Callable[[Any], "str | None"]


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """Describes one property: ``item`` the elements of a list or set, ``fields`` an object.

    ``computed``: left out by the program, Docker's own choice stands and is no difference.
    ``output``: read only. ``replaces``: Docker takes it at creation only. ``implied``: Docker may
    fill it in although the program never set it. ``made``: never null once creation succeeded.
    ``secret``: kept encrypted in the state whatever the program says. ``recent``: not every
    provider of this version knows it, so the state has it only where the program sets it.
    ``only``: the one value that is supported. ``ordered``: a set where what Docker chose belongs
    to a place, not to an element. ``lasting``: of a set that replaces, only the number of
    elements does, and those fields that say so themselves.
    ``unset``: what Docker answers where the program left the property out, which means the same.
    ``rule`` says what is wrong with a value, without repeating it (it may be secret). ``normal``
    gives the form in which two spellings of one value are equal.
    """

    kind: Kind
    item: Property | None = None
    fields: Schema | None = None
    required: bool = False
    computed: bool = False
    output: bool = False
    replaces: bool = False
    implied: bool = False
    made: bool = False
    secret: bool = False
    recent: bool = False
    ordered: bool = False
    lasting: bool = False
    only: Any = None
    default: Any = None
    unset: Any = None
    rule: Rule | None = None
    normal: Callable[[Any], Any] | None = None

    @property
    def element(self) -> Property:
        """Return the description of the elements of a list, set or map; text by default."""
        return self.item or _TEXT

    @property
    def holds_objects(self) -> bool:
        """Tell whether the elements are objects."""
        return self.element.kind == "object"


_TEXT = Property(kind="text")


def text(**options: Any) -> Property:
    """Describe a string."""
    return Property(kind="text", **options)


def number(**options: Any) -> Property:
    """Describe a whole number."""
    return Property(kind="number", **options)


def flag(**options: Any) -> Property:
    """Describe a boolean."""
    return Property(kind="flag", **options)


def mapping(**options: Any) -> Property:
    """Describe an object of strings with keys of the program's choice."""
    return Property(kind="map", **options)


def list_of(item: Property, **options: Any) -> Property:
    """Describe a list whose order counts."""
    return Property(kind="list", item=item, **options)


def set_of(item: Property, **options: Any) -> Property:
    """Describe a list whose order does not count."""
    return Property(kind="set", item=item, **options)


def record(fields: Schema, **options: Any) -> Property:
    """Describe an object with fixed keys."""
    return Property(kind="object", fields=fields, **options)


def normalise(property_: Property, value: Any) -> Any:
    """Return ``value`` in a form in which equal means equal for Docker. None counts as empty."""
    if value is None and property_.unset is not None:
        return normalise(property_, property_.unset)
    if value is None:
        return _EMPTY[property_.kind]
    if value == UNKNOWN:
        return value
    if property_.normal is not None:
        return property_.normal(value)
    if property_.kind == "object" and isinstance(value, Mapping):
        fields = property_.fields or {}
        return {key: normalise(field, value.get(key)) for key, field in fields.items()}
    if property_.kind in ("list", "set") and isinstance(value, list):
        items = [normalise(property_.element, item) for item in value]
        return items if property_.kind == "list" else sorted(items, key=repr)
    return value


_EMPTY: Mapping[Kind, Any] = {
    "text": "", "number": 0, "flag": False, "map": {}, "list": [], "set": [], "object": None,
}  # fmt: skip
