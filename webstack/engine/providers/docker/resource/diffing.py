"""Compares a resource with the inputs that it should have, by its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from msgspec.structs import replace

from webstack.engine.model.provider import Properties, PropertyChange
from webstack.engine.providers.docker.schema.schema import Property, Schema, normalise
from webstack.engine.providers.docker.schema.set_matching import equal_field, renews, unmatched


def find_changes(
    schema: Schema, old_inputs: Properties, old_outputs: Properties, new: Properties
) -> tuple[PropertyChange, ...]:
    """Compare the recorded outputs with the wanted inputs, property by property."""
    changes: list[PropertyChange] = []
    for key, property_ in schema.items():
        old, wanted = old_outputs.get(key), new.get(key)
        if not _keeps(property_, old_inputs.get(key), old, wanted):
            changes += changes_of(key, property_, old, wanted)
    return tuple(sorted(changes, key=lambda change: change.path))


def _keeps(property_: Property, old_input: Any, old: Any, new: Any) -> bool:
    """Tell whether the recorded value stays, whatever it is."""
    if new is None:
        if property_.made and old is None:
            return False
        never_set = property_.implied and old_input is None
        chosen = property_.computed or property_.output or never_set or not old
        # An import records no defaults; what is left out means them all the same.
        default = property_.default
        return chosen or (
            default is not None and normalise(property_, old) == normalise(property_, default)
        )
    if new == old:
        return True
    # Terraform cannot tell an empty text or block that was set from one that was left out.
    unset = new == "" or (new == [] and property_.holds_objects)
    return property_.computed and unset


def changes_of(path: str, property_: Property, old: Any, new: Any) -> Iterator[PropertyChange]:
    """Compare one recorded value with the wanted one."""
    if property_.kind == "set" and _both(list, old or [], new or []):
        return _set_changes(path, property_, old or [], new or [])
    if property_.kind == "list" and _both(list, old, new) and old and new:
        return _list_changes(path, property_, old, new)
    if property_.kind == "map" and _both(Mapping, old or {}, new or {}):
        return _map_changes(path, property_, old or {}, new or {})
    if property_.kind == "object" and _both(Mapping, old, new):
        return _object_changes(path, property_, old, new)
    return _change(path, property_, old, new)


def _both(type_: type, old: Any, new: Any) -> bool:
    return isinstance(old, type_) and isinstance(new, type_)


def _change(path: str, property_: Property, old: Any, new: Any) -> Iterator[PropertyChange]:
    if property_.made and old is None and new is None:
        yield PropertyChange(path, "add", property_.replaces)
        return
    if normalise(property_, old) != normalise(property_, new):
        yield PropertyChange(path, _kind(property_, old, new), property_.replaces)


def _kind(property_: Property, old: Any, new: Any) -> Any:
    if new is None or new in ([], {}):
        return "delete" if property_.default is None else "update"
    return "add" if old is None or old in ([], {}) else "update"


def _list_changes(path: str, property_: Property, old: Any, new: Any) -> Iterator[PropertyChange]:
    """Compare lists whose order counts. An insertion moves later elements without changing them.

    Objects are told by their places alone: Docker may fill in some of their fields.
    """
    if property_.holds_objects:
        yield from _objects_in_places(path, property_, old, new)
        return
    before, after = normalise(property_, old), normalise(property_, new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        both = min(i_end - i, j_end - j)
        for index in range(i, i + both):
            yield PropertyChange(f"{path}[{index}]", "update", property_.replaces)
        for index in range(i + both, i_end):
            yield PropertyChange(f"{path}[{index}]", "delete", property_.replaces)
        for index in range(j + both, j_end):
            yield PropertyChange(f"{path}[{index}]", "add", property_.replaces)


def _objects_in_places(
    path: str, property_: Property, old: Any, new: Any
) -> Iterator[PropertyChange]:
    element = replace(property_.element, replaces=property_.replaces)
    for index, (before, after) in enumerate(zip_longest(old, new)):
        where = f"{path}[{index}]"
        if _both(Mapping, before, after):
            yield from _object_changes(where, element, before, after)
        else:
            yield from _change(where, element, before, after)


def _map_changes(path: str, property_: Property, old: Any, new: Any) -> Iterator[PropertyChange]:
    before, after = normalise(property_, old), normalise(property_, new)
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            kind = _kind(property_.element, before.get(key), after.get(key))
            yield PropertyChange(f'{path}["{key}"]', kind, property_.replaces)


def _object_changes(path: str, property_: Property, old: Any, new: Any) -> Iterator[PropertyChange]:
    for key, field in sorted((property_.fields or {}).items()):
        if not equal_field(field, old.get(key), new.get(key)):
            inside = replace(field, replaces=True) if property_.replaces else field
            yield from changes_of(f"{path}.{key}", inside, old.get(key), new.get(key))


def _set_changes(path: str, property_: Property, old: Any, new: Any) -> Iterator[PropertyChange]:
    """Compare sets, naming elements by their places in the two lists."""
    gone, come = unmatched(property_, old, new)
    replaces = renews(property_, old, new, [*gone.values(), *come.values()])
    if not (old and new):
        yield from _change(path, replace(property_, replaces=replaces), old, new)
        return
    for index in sorted(gone.keys() | come.keys()):
        where = f"{path}[{index}]"
        if index not in come:
            yield PropertyChange(where, "delete", replaces)
        elif index not in gone:
            yield PropertyChange(where, "add", replaces)
        elif property_.holds_objects and _both(Mapping, gone[index], come[index]):
            inside = replace(property_.element, replaces=replaces)
            yield from _object_changes(where, inside, gone[index], come[index])
        else:
            yield PropertyChange(where, "update", replaces)
