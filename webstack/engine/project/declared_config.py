"""Reads the settings that Pulumi.yaml declares: types, defaults, and which are required."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from webstack.engine.model.errors import ProjectError

_FILE: Final = "Pulumi.yaml"
_ATTRIBUTES: Final = {"value", "default", "type", "description", "secret", "items"}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_TYPES: Final = ("string", "integer", "boolean", "array", "object")

Type = Mapping[str, Any]
"""``{"type": …}``, for an array with the ``items`` of such a type."""


class DeclaredSetting(msgspec.Struct, frozen=True):
    """Describes one entry of ``config`` in Pulumi.yaml. ``key`` is as written there."""

    key: str
    name: str
    value: Any = None
    type: Type | None = None
    secret: bool = False
    required: bool = False


def declared(project: str, config: Mapping[str, Any]) -> tuple[DeclaredSetting, ...]:
    """Read the declarations of a project; raises ProjectError naming the key."""
    return tuple(_declared(project, str(key), config[key]) for key in sorted(config, key=str))


def _declared(project: str, key: str, given: Any) -> DeclaredSetting:
    own = ":" not in key or key.startswith(f"{project}:")
    name = key if ":" in key else f"{project}:{key}"
    if isinstance(given, (str, bool, int, list)):
        given = {"default" if own else "value": given}
    if not isinstance(given, Mapping):
        raise ProjectError(f"config {key} in {_FILE} must be a value or a mapping")
    unknown = sorted(str(item) for item in given.keys() - _ATTRIBUTES)
    if unknown:
        raise ProjectError(f"config {key} in {_FILE}: unknown {', '.join(unknown)}")
    value, default = given.get("value"), given.get("default")
    if value is not None and default is not None:
        raise ProjectError(f"config {key} in {_FILE} has both default and value: keep one")
    type_ = _type(key, given) if given.get("type") is not None else None
    if not own:
        _require_value_alone(key, given)
    elif type_ is not None and default is not None and not fits(type_, default):
        raise ProjectError(f"the default of config {key} in {_FILE} must be of type {said(type_)}")
    held = default if default is not None else value
    return DeclaredSetting(key, name, held, type_, bool(given.get("secret")), own and held is None)


def _require_value_alone(key: str, given: Mapping[str, Any]) -> None:
    for attribute in ("type", "default"):
        if given.get(attribute) is not None:
            raise ProjectError(f"config {key} in {_FILE} is not the project's: no {attribute} here")
    if given.get("value") is None:
        raise ProjectError(f"config {key} in {_FILE} must have a value")


def _type(key: str, given: Mapping[str, Any]) -> Type:
    type_ = given.get("type")
    if type_ not in _TYPES:
        raise ProjectError(
            f"the type of config {key} in {_FILE} must be one of {', '.join(_TYPES)}"
        )
    if type_ != "array":
        return {"type": type_}
    items = given.get("items")
    if not isinstance(items, Mapping):
        raise ProjectError(f"config {key} in {_FILE} is an array: `items` must give their type")
    return {"type": type_, "items": _type(key, items)}


def said(type_: Type) -> str:
    """Return the name of a type as the CLI writes it: ``array<integer>``."""
    items = type_.get("items")
    return f"array<{said(items)}>" if items else str(type_["type"])


def fits(type_: Type, value: Any) -> bool:
    """Tell whether a value is of a type; texts may spell integers and booleans."""
    return _FITTING[type_["type"]](type_, value)


def _fits_integer(_type: Type, value: Any) -> bool:
    if isinstance(value, str):
        return _INTEGER.fullmatch(value) is not None
    return not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value)


_FITTING: Final[Mapping[str, Callable[[Type, Any], bool]]] = {
    "string": lambda _type, value: isinstance(value, str),
    "integer": _fits_integer,
    "boolean": lambda _type, value: isinstance(value, bool) or value in ("true", "false"),
    "object": lambda _type, value: isinstance(value, Mapping),
    "array": lambda type_, value: (
        isinstance(value, list) and all(fits(type_["items"], item) for item in value)
    ),
}


def require_kept(
    declarations: Iterable[DeclaredSetting],
    stack: str,
    opened: Mapping[str, Any],
    secret: Callable[[str], bool],
) -> None:
    """Refuse settings that lack a required key or have a wrong type; raises ProjectError.

    ``opened`` has the values by full key, defaults included; ``secret`` tells which are sealed.
    """
    listed = tuple(declarations)
    missing = [item.key for item in listed if item.required and item.name not in opened]
    if missing:
        raise ProjectError(
            f"stack '{stack}' lacks what {_FILE} requires: {', '.join(missing)}; "
            f"`webstack config set {missing[0]} VALUE --stack {stack}`"
        )
    for item in listed:
        if item.type is None:
            continue
        if item.secret and not secret(item.name):
            raise ProjectError(
                f"config {item.key} of stack '{stack}' must be secret: "
                f"`webstack config set {item.key} --secret --stack {stack}`"
            )
        if not fits(item.type, opened.get(item.name)):
            raise ProjectError(
                f"config {item.key} of stack '{stack}' must be of type {said(item.type)}"
            )
