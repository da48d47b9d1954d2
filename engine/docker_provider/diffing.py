"""What separates a resource from the inputs it should have, by its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..provider import Change, Properties
from .schema import Property, Schema, normalise


def find_changes(
    schema: Schema, old_inputs: Properties, old_outputs: Properties, new: Properties
) -> tuple[Change, ...]:
    """Compare the recorded outputs with the wanted inputs, property by property."""
    changes: list[Change] = []
    for key, property_ in schema.items():
        old, wanted = old_outputs.get(key), new.get(key)
        if not _keeps(property_, old_inputs.get(key), old, wanted):
            changes += changes_of(key, property_, old, wanted)
    return tuple(sorted(changes, key=lambda change: change.path))


def _keeps(property_: Property, old_input: Any, old: Any, new: Any) -> bool:
    """Tell whether the recorded value stands, whatever it is."""
    if new is None:
        if property_.made and old is None:
            return False
        never_set = property_.implied and old_input is None
        return property_.computed or property_.output or never_set or not old
    if new == old:
        return True
    # Terraform cannot tell an empty text or block that was set from one that was left out.
    unset = new == "" or (new == [] and property_.holds_objects)
    return property_.computed and unset


def changes_of(path: str, property_: Property, old: Any, new: Any) -> Iterator[Change]:
    """Compare one recorded value with the wanted one."""
    if property_.kind == "list" and not property_.holds_objects and _both(list, old, new):
        return _list_changes(path, property_, old, new)
    if property_.kind == "map" and _both(Mapping, old or {}, new or {}):
        return _map_changes(path, property_, old or {}, new or {})
    if property_.kind == "object" and _both(Mapping, old, new):
        return _object_changes(path, property_, old, new)
    return _change(path, property_, old, new)


def _both(type_: type, old: Any, new: Any) -> bool:
    return isinstance(old, type_) and isinstance(new, type_)


def _change(path: str, property_: Property, old: Any, new: Any) -> Iterator[Change]:
    if property_.made and old is None and new is None:
        yield Change(path, "add", property_.replaces)
        return
    if property_.kind == "set" and property_.holds_objects and _both(list, old, new):
        if _same_objects(property_, old, new):
            return
    elif normalise(property_, old) == normalise(property_, new):
        return
    yield Change(path, _kind(old, new), property_.replaces)


def _kind(old: Any, new: Any) -> Any:
    if new is None or new in ([], {}):
        return "delete"
    return "add" if old is None or old in ([], {}) else "update"


def _list_changes(path: str, property_: Property, old: Any, new: Any) -> Iterator[Change]:
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        if before != after:
            yield Change(f"{path}[{index}]", _kind(before, after), property_.replaces)


def _map_changes(path: str, property_: Property, old: Any, new: Any) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            kind = _kind(old.get(key), new.get(key))
            yield Change(f'{path}["{key}"]', kind, property_.replaces)


def _object_changes(path: str, property_: Property, old: Any, new: Any) -> Iterator[Change]:
    for key, field in sorted((property_.fields or {}).items()):
        if not _equal_field(field, old.get(key), new.get(key)):
            kind = _kind(old.get(key), new.get(key))
            yield Change(f"{path}.{key}", kind, property_.replaces)


def _same_objects(property_: Property, old: list[Any], new: list[Any]) -> bool:
    """Pair up the elements of two sets; a computed field that was left out fits any value."""
    remaining = list(old)
    for wanted in new:
        found = next((item for item in remaining if _fits(property_.element, item, wanted)), None)
        if found is None:
            return False
        remaining.remove(found)
    return not remaining


def _fits(item: Property, old: Any, new: Any) -> bool:
    if not _both(Mapping, old, new):
        return bool(old == new)
    fields = (item.fields or {}).items()
    return all(_equal_field(field, old.get(key), new.get(key)) for key, field in fields)


def _equal_field(field: Property, old: Any, new: Any) -> bool:
    left_open = field.computed and new is None
    return left_open or bool(normalise(field, old) == normalise(field, new))
