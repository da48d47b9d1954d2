"""Matches the elements of two sets. Order does not count, open fields match anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webstack.engine.providers.docker.schema.schema import Property, normalise


def renews(property_: Property, old: Any, new: Any, changed: list[Any]) -> bool:
    """Tell whether a difference makes a new resource; see ``Property.lasting``."""
    if property_.replaces and not (property_.lasting and len(old) == len(new)):
        return True
    return any(_holds_renewing(property_.element, item) for item in changed)


def _holds_renewing(property_: Property, value: Any) -> bool:
    if not value or not isinstance(value, Mapping):
        return False
    return any(
        bool(value.get(key)) if field.replaces else _holds_renewing(field, value.get(key))
        for key, field in (property_.fields or {}).items()
    )


def unmatched(property_: Property, old: Any, new: Any) -> tuple[dict[int, Any], dict[int, Any]]:
    """Return, by index, the elements of either set that the other lacks."""
    gone, come = dict(enumerate(old)), dict(enumerate(new))
    pairs = [(i, j) for j in come for i in gone]
    if property_.ordered and not _only_moved(property_, old, new):
        pairs = [(i, j) for i, j in pairs if i == j]
    for i, j in pairs:
        if i in gone and j in come and _fits(property_.element, gone[i], come[j]):
            del gone[i], come[j]
    return gone, come


def _only_moved(property_: Property, old: Any, new: Any) -> bool:
    """Tell whether elements only changed places, with open fields where they were."""
    fields = (property_.element.fields or {}).items()
    chosen = [key for key, field in fields if field.computed]
    filled = [
        {**after, **{key: before[key] for key in chosen if after.get(key) is None}}
        for before, after in zip(old, new, strict=False)
    ]
    same = normalise(property_, old) == normalise(property_, filled)
    return len(old) == len(new) and bool(same)


def _fits(item: Property, old: Any, new: Any) -> bool:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return bool(normalise(item, old) == normalise(item, new))
    fields = (item.fields or {}).items()
    return all(equal_field(field, old.get(key), new.get(key)) for key, field in fields)


def equal_field(field: Property, old: Any, new: Any) -> bool:
    """Tell whether two values of a field are the same, or the wanted one is left to Docker."""
    left_open = field.computed and new is None
    return left_open or bool(normalise(field, old) == normalise(field, new))
