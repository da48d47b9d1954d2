"""Derives the inputs that would make what was read, for refresh and import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webstack.engine.model.provider import Properties
from webstack.engine.providers.docker.resource.checking import DEFAULTS
from webstack.engine.providers.docker.resource.diffing import changes_of
from webstack.engine.providers.docker.schema.schema import Property, Schema, normalise


def refreshed_inputs(schema: Schema, inputs: Properties, outputs: Properties) -> Properties:
    """Return the recorded inputs with what drifted; without recorded ones, those to import."""
    if not inputs:
        return imported_inputs(schema, outputs)
    return _refreshed(schema, inputs, outputs)


def _refreshed(schema: Schema, inputs: Properties, outputs: Properties) -> Properties:
    changed = {
        key: _drifted(schema[key], value, outputs.get(key))
        for key, value in inputs.items()
        if key in schema and any(changes_of(key, schema[key], outputs.get(key), value))
    }
    kept = {**inputs, **{key: value for key, value in changed.items() if value is not None}}
    gone = {key for key, value in changed.items() if value is None}
    defaults = [key for key in inputs.get(DEFAULTS, ()) if key not in changed]
    return {key: value for key, value in {**kept, DEFAULTS: defaults}.items() if key not in gone}


def _drifted(property_: Property, given: Any, seen: Any) -> Any:
    """Return what the program would have to write; of an object, the rest as it wrote it."""
    if property_.kind == "object" and isinstance(given, Mapping) and isinstance(seen, Mapping):
        return _refreshed(property_.fields or {}, dict(given), dict(seen))
    return _as_input(property_, seen)


def imported_inputs(schema: Schema, outputs: Properties) -> Properties:
    """Return every input whose value differs from its default."""
    given = {
        key: _as_input(property_, outputs.get(key))
        for key, property_ in schema.items()
        if not property_.output
        and normalise(property_, outputs.get(key)) != normalise(property_, property_.default)
    }
    return {**{key: value for key, value in given.items() if value is not None}, DEFAULTS: []}


def _as_input(property_: Property, value: Any) -> Any:
    """Return an output as the program would write it: nothing empty, with the bookkeeping."""
    if property_.kind == "object" and isinstance(value, Mapping):
        fields = property_.fields or {}
        given = {key: _as_input(fields[key], value[key]) for key in value if key in fields}
        return {**{key: item for key, item in given.items() if item is not None}, DEFAULTS: []}
    if property_.holds_objects:
        return [_as_input(property_.element, item) for item in value or ()]
    return None if value in ("", [], {}) else value
