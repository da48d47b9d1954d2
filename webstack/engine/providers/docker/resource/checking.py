"""Turns what the program set into checked inputs: known properties, right types, defaults.

Like the Pulumi provider, every object lists under ``__defaults`` which of its keys were filled in
rather than set, and keeps such values from run to run (that is how generated names stay).
"""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Mapping
from typing import Any, Final

from webstack.engine.model.provider import UNKNOWN, Properties, ProviderError
from webstack.engine.model.values import Secret, holds_unknown
from webstack.engine.providers.docker.schema.schema import Property, Schema

DEFAULTS: Final = "__defaults"
_WANTED: Final = {
    "text": "text", "number": "a whole number", "flag": "true or false", "map": "an object of text",
    "list": "a list", "set": "a list", "object": "an object",
}  # fmt: skip


def check_inputs(
    label: str, name: str, schema: Schema, old: Properties | None, new: Properties
) -> Properties:
    """Return ``new`` with right types and defaults; raises ProviderError naming each problem."""
    problems: list[str] = []
    checked = _check_object("", schema, old or {}, new, problems)
    if problems:
        raise ProviderError(f'docker {label} "{name}": {"; ".join(problems)}')
    return checked


def add_generated_name(name: str, old: Properties | None, checked: Properties) -> Properties:
    """Fill in ``name``: the one it has had, else the resource's own and seven hex digits."""
    if "name" in checked:
        return checked
    generated = (old or {}).get("name") or f"{name[:247]}-{secrets.token_hex(4)[:7]}"
    return {**checked, "name": generated, DEFAULTS: sorted([*checked[DEFAULTS], "name"])}


def without_defaults(value: Any) -> Any:
    """Return a value without the bookkeeping under ``__defaults``, at any depth."""
    if isinstance(value, Mapping):
        return {key: without_defaults(item) for key, item in value.items() if key != DEFAULTS}
    return [without_defaults(item) for item in value] if isinstance(value, list) else value


def _check_object(
    path: str, schema: Schema, old: Mapping[str, Any], new: Mapping[str, Any], problems: list[str]
) -> Properties:
    checked: Properties = {}
    for key, value in new.items():
        property_ = schema.get(key)
        if key == DEFAULTS or value is None:
            continue
        if property_ is None or property_.output:
            problems.append(_unsupported(path, key, schema))
        else:
            checked[key] = _check(path + key, property_, old.get(key), value, problems)
    problems += [
        f"{path}{key} is missing"
        for key, property_ in schema.items()
        if property_.required and key not in checked
    ]
    added = {
        key: _default(key, property_, old)
        for key, property_ in schema.items()
        if property_.default and key not in checked
    }
    return {**checked, **added, DEFAULTS: sorted(added)}


def _unsupported(path: str, key: str, schema: Schema) -> str:
    known = [name for name, property_ in schema.items() if not property_.output]
    close = difflib.get_close_matches(key, known, n=1)
    way_out = f"did you mean {close[0]}?" if close else "docs/resource-types.md lists all there are"
    return f"property {path}{key} is not supported by the embedded engine; {way_out}"


def _default(key: str, property_: Property, old: Mapping[str, Any]) -> Any:
    kept = key in old.get(DEFAULTS, ())
    return old.get(key, property_.default) if kept else property_.default


def _check(path: str, property_: Property, old: Any, value: Any, problems: list[str]) -> Any:
    if value == UNKNOWN:
        return value
    if property_.kind in ("list", "set") and isinstance(value, list):
        return _check_items(path, property_, old, value, problems)
    if property_.kind == "object" and isinstance(value, Mapping):
        earlier = old if isinstance(old, Mapping) else {}
        return _check_object(f"{path}.", property_.fields or {}, earlier, value, problems)
    if property_.kind == "map" and isinstance(value, Mapping):
        return _check_map(path, property_, value, problems)
    converted = _convert(property_, value)
    if converted is None:
        problems.append(f"{path} must be {_WANTED[property_.kind]}")
    elif property_.only is not None and converted != property_.only:
        problems.append(f"{path} has one value that is supported: {property_.only!r}")
    elif property_.rule is not None and not holds_unknown(converted):
        wrong = property_.rule(converted)
        problems += [f"{path} {wrong}"] if wrong else []
    return Secret(converted) if property_.secret else converted


def _check_items(
    path: str, property_: Property, old: Any, value: list[Any], problems: list[str]
) -> list[Any]:
    earlier = old if isinstance(old, list) else []
    return [
        _check(
            f"{path}[{index}]",
            property_.element,
            earlier[index] if index < len(earlier) else None,
            item,
            problems,
        )
        for index, item in enumerate(value)
        if item is not None
    ]


def _check_map(
    path: str, property_: Property, value: Mapping[str, Any], problems: list[str]
) -> Properties:
    return {
        key: _check(f'{path}["{key}"]', property_.element, None, item, problems)
        for key, item in value.items()
        if item is not None and key != DEFAULTS
    }


def _convert(property_: Property, value: Any) -> Any:
    """Read numbers given as text and the reverse, as the Pulumi provider does."""
    if property_.kind == "text":
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, str | int | float) else None
    if property_.kind == "flag":
        return {"true": True, "false": False}.get(value) if isinstance(value, str) else (
            value if isinstance(value, bool) else None
        )  # fmt: skip
    if property_.kind == "number":
        return _whole(value)
    return None


def _whole(value: Any) -> int | None:
    try:
        return None if isinstance(value, bool) or int(value) != float(value) else int(value)
    except (TypeError, ValueError):
        return None
