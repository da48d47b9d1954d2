"""Reads and changes values inside settings, as ``pulumi config --path`` addresses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webstack.engine.model import property_path
from webstack.engine.model.errors import ProjectError
from webstack.engine.model.property_path import Path


def parse(key: str) -> tuple[str, Path]:
    """Split ``namespace:name.a[0]`` into the key and the path below it."""
    namespace, colon, rest = key.rpartition(":")
    try:
        name, *below = property_path.parse(rest)
    except ValueError as error:
        raise ProjectError(f"configuration key {key!r}: {error}") from error
    return f"{namespace}{colon}{name}", tuple(below)


def found(value: Any, path: Path) -> Any:
    """Return the value at the path, None where there is none."""
    for part in path:
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else None
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    return value


def placed(value: Any, path: Path, new: Any) -> Any:
    """Return a structure with ``new`` at the path. Missing levels are created."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(head, str):
        if value is not None and not isinstance(value, Mapping):
            raise ProjectError(f"cannot set {head!r} inside a value that is not an object")
        return {**(value or {}), head: placed((value or {}).get(head), rest, new)}
    if value is not None and not isinstance(value, list):
        raise ProjectError(f"cannot set element {head} of a value that is not a list")
    items = list(value or ())
    if head > len(items):
        raise ProjectError(f"cannot set element {head} of a list of {len(items)}")
    return [*items[:head], placed(found(items, (head,)), rest, new), *items[head + 1 :]]


def removed(value: Any, path: Path) -> Any:
    """Return a structure without the value at the path."""
    head, rest = path[0], path[1:]
    if rest:
        return placed(value, (head,), removed(found(value, (head,)), rest))
    if isinstance(value, Mapping):
        return {key: item for key, item in value.items() if key != head}
    return [item for index, item in enumerate(value) if index != head]


def typed(text: str) -> Any:
    """Convert texts of booleans and whole numbers, as the CLI does inside structures."""
    if text in ("true", "false"):
        return text == "true"
    try:
        number = int(text)
    except ValueError:
        return text
    return number if str(number) == text else text
