"""Converts between the data shapes of Pulumi and of Docker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from webstack.engine.model.provider import UNKNOWN, Properties
from webstack.engine.providers.docker.schema.schema import Property, Schema, normalise

MEBIBYTE: Final = 2**20


def labels_to_docker(labels: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Turn a list of label and value into Docker's mapping."""
    return {label["label"]: label["value"] for label in labels or ()}


def labels_from_docker(labels: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Turn Docker's mapping into a list of label and value, by name."""
    return [{"label": key, "value": value} for key, value in sorted((labels or {}).items())]


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Remove None and empty texts, lists and mappings (0 and False stay)."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def stated(schema: Schema, inputs: Mapping[str, Any]) -> Properties:
    """Return every output key as far as the inputs alone determine it, in Terraform's form."""
    return {
        key: _stated(property_, inputs.get(key))
        for key, property_ in schema.items()
        if not property_.recent or inputs.get(key) is not None
    }


def seen_as_spelt(schema: Schema, inputs: Properties, seen: Mapping[str, Any]) -> Properties:
    """Return Docker's value, in the program's own spelling where both mean the same."""
    ours = stated(schema, inputs)
    return {
        key: _as_spelt(schema[key], inputs[key], ours[key], value) if key in inputs else value
        for key, value in seen.items()
    }


def _as_spelt(property_: Property, given: Any, ours: Any, seen: Any) -> Any:
    if property_.kind == "object" and isinstance(given, Mapping) and isinstance(seen, Mapping):
        fields = property_.fields or {}
        return {
            key: _field_as_spelt(fields[key], given.get(key), value) for key, value in seen.items()
        }
    return ours if _same(property_, ours, seen) else seen


def _field_as_spelt(field: Property, given: Any, seen: Any) -> Any:
    if given is None and field.unset is None:
        return seen
    return _as_spelt(field, given, _filled(field, given), seen)


def _same(property_: Property, ours: Any, theirs: Any) -> bool:
    return bool(normalise(property_, ours) == normalise(property_, theirs))


def _stated(property_: Property, value: Any) -> Any:
    if property_.kind == "set" and not property_.holds_objects and not value:
        return [] if property_.computed else None
    if value is None and property_.kind in ("text", "number", "map", "list"):
        return property_.default
    return _filled(property_, value)


def _filled(property_: Property, value: Any) -> Any:
    if value == UNKNOWN:
        return value
    if property_.holds_objects and property_.kind == "set":
        return [_filled(property_.element, item) for item in value or ()]
    if property_.kind == "object":
        return _filled_object(property_.fields or {}, value) if value else None
    if property_.kind == "set":
        return sorted(value or ())
    if value is None:
        empty: Mapping[str, Any] = {"text": "", "list": [], "map": {}}
        return property_.default if property_.default is not None else empty.get(property_.kind)
    return value


def _filled_object(fields: Schema, value: Mapping[str, Any]) -> Properties:
    return {
        key: _filled(field, value.get(key))
        for key, field in fields.items()
        if not field.recent or value.get(key) is not None
    }
