"""Reads and writes one resource of the checkpoint: JSON object to `ResourceState` and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from webstack.engine.model.state import ResourceState
from webstack.engine.model.values import SECRET, SIGNATURE, Secret

# Attribute, and key in the file, in the order in which the CLI writes them.
_FIELDS: Final = (
    ("urn", "urn"),
    ("custom", "custom"),
    ("delete", "delete"),
    ("id", "id"),
    ("type", "type"),
    ("inputs", "inputs"),
    ("outputs", "outputs"),
    ("parent", "parent"),
    ("protect", "protect"),
    ("taint", "taint"),
    ("external", "external"),
    ("dependencies", "dependencies"),
    ("init_errors", "initErrors"),
    ("provider", "provider"),
    ("property_dependencies", "propertyDependencies"),
    ("pending_replacement", "pendingReplacement"),
    ("additional_secret_outputs", "additionalSecretOutputs"),
    ("aliases", "aliases"),
    ("custom_timeouts", "customTimeouts"),
    ("import_id", "importID"),
    ("retain_on_delete", "retainOnDelete"),
    ("deleted_with", "deletedWith"),
    ("replace_with", "replaceWith"),
    ("created", "created"),
    ("modified", "modified"),
    ("ignore_changes", "ignoreChanges"),
    ("replace_on_changes", "replaceOnChanges"),
    ("replacement_trigger", "replacementTrigger"),
    ("hooks", "resourceHooks"),
)
_VALUES: Final = ("inputs", "outputs", "replacement_trigger")
_ALWAYS: Final = {"urn", "custom", "type"}
_KEYS: Final = {key for _, key in _FIELDS}


def decode(item: Mapping[str, Any], opened: Callable[[Mapping[str, Any]], Secret]) -> ResourceState:
    """Decode one resource. ``opened`` turns a sealed value into a secret."""
    fields = {name: _native(item[key]) for name, key in _FIELDS if item.get(key) is not None}
    for name in _VALUES:
        if name in fields:
            fields[name] = _unsealed(fields[name], opened)
    for name in ("property_dependencies", "hooks"):
        if name in fields:
            fields[name] = {key: tuple(found or ()) for key, found in fields[name].items()}
    extra = {key: value for key, value in item.items() if key not in _KEYS}
    return ResourceState(**fields, extra=extra)


def encode(resource: ResourceState, sealed: Callable[[Secret], Any]) -> dict[str, Any]:
    """Encode one resource. ``sealed`` encrypts its secrets."""
    item: dict[str, Any] = {}
    for name, key in _FIELDS:
        value = getattr(resource, name)
        if name in _VALUES:
            value = written(value, sealed)
        elif name in ("property_dependencies", "hooks"):
            value = {property_: list(value[property_]) for property_ in sorted(value)}
        elif isinstance(value, tuple):
            value = list(value)
        if value or key in _ALWAYS or (name == "replacement_trigger" and value is not None):
            item[key] = value
    return {**item, **resource.extra}


def written(value: Any, sealed: Callable[[Secret], Any]) -> Any:
    """Return a property value as JSON, objects sorted by key as in the CLI."""
    if isinstance(value, Secret):
        return sealed(value)
    if isinstance(value, Mapping):
        return {key: written(value[key], sealed) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [written(item, sealed) for item in value]
    return value


def _native(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _unsealed(value: Any, opened: Callable[[Mapping[str, Any]], Secret]) -> Any:
    if isinstance(value, list):
        return [_unsealed(item, opened) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(SIGNATURE) == SECRET:
        return opened(value)
    return {key: _unsealed(item, opened) for key, item in value.items()}
