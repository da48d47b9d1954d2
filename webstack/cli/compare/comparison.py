"""Compares two stacks: settings, what is in force, resources. Pure: records in, rows out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from webstack.cli.terminal.tables import table
from webstack.engine.model.values import SECRET, SIGNATURE
from webstack.engine.project.config import is_secure

SETTING, IN_FORCE, RESOURCE = "setting", "in force", "resource"

_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?![0-9a-f])")
_TOLD_OTHERWISE = ("pulumi:", "pulumi-python:dynamic/webstack:Release")
_WIDTH = 48
_ABSENT = "-"

Opener = Callable[[str], str] | None


class Side(msgspec.Struct, frozen=True):
    """Holds one of the two: its name, raw settings, what opens them, outputs, and resources."""

    stack: str
    settings: Mapping[str, Any]
    opener: Opener
    outputs: Mapping[str, Any]
    resources: Sequence[Mapping[str, Any]]


class Row(msgspec.Struct, frozen=True):
    """Holds one difference; a side that lacks it altogether has None."""

    kind: str
    key: str
    left: Any
    right: Any


def compared(left: Side, right: Side) -> list[Row]:
    """List every difference, in the order of the kinds."""
    return [*_settings(left, right), *_in_force(left, right), *_resources(left, right)]


def as_table(left: Side, right: Side, rows: Sequence[Row]) -> str:
    """Write it for a terminal."""
    if not rows:
        return f"{left.stack} and {right.stack} do not differ."
    headings = ("WHAT", "KEY", left.stack.upper(), right.stack.upper())
    cells = [(row.kind, row.key, _shown(row.left), _shown(row.right)) for row in rows]
    return table(headings, cells)


def as_json(left: Side, right: Side, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Write it for programs."""
    return [
        {"kind": row.kind, "key": row.key, left.stack: row.left, right.stack: row.right}
        for row in rows
    ]


def _settings(left: Side, right: Side) -> Iterator[Row]:
    ours, theirs = dict(_leaves("", left.settings)), dict(_leaves("", right.settings))
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key), theirs.get(key)
        if is_secure(one) or is_secure(other):
            yield from _secrets(key, (left, one), (right, other))
        elif one != other:
            yield Row(SETTING, key, one, other)


def _secrets(key: str, left: tuple[Side, Any], right: tuple[Side, Any]) -> Iterator[Row]:
    one, other = _said(*left), _said(*right)
    if None in (left[1], right[1]):
        yield Row(SETTING, key, *(None if raw is None else "[secret]" for _, raw in (left, right)))
    elif one is None or other is None:
        yield Row(SETTING, key, "[secret]", "[secret], not compared: its passphrase is not known")
    else:
        yield Row(
            SETTING, key, "[secret]", f"[secret], {'the same' if one == other else 'different'}"
        )


def _said(side: Side, raw: Any) -> str | None:
    if not is_secure(raw):
        return None if raw is None else str(raw)
    return side.opener(raw["secure"]) if side.opener else None


def _in_force(left: Side, right: Side) -> Iterator[Row]:
    ours, theirs = _outputs(left), _outputs(right)
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            yield Row(IN_FORCE, key, ours.get(key), theirs.get(key))


def _outputs(side: Side) -> dict[str, Any]:
    """Images, releases and addresses; containers differ by name anyway."""
    found = {key: value for key, value in side.outputs.items() if key in ("release", "url")}
    for name, service in (side.outputs.get("services") or {}).items():
        found |= {f"{name}.{key}": service.get(key) for key in ("image", "url")}
        found[f"{name}.containers"] = len(service.get("containers") or ())
    return found


def _resources(left: Side, right: Side) -> Iterator[Row]:
    ours, theirs = _by_name(left), _by_name(right)
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key), theirs.get(key)
        if one is None or other is None:
            yield Row(RESOURCE, key, one and "declared", other and "declared")
            continue
        before, after = dict(_leaves("", one)), dict(_leaves("", other))
        for path in sorted(before.keys() | after.keys()):
            if before.get(path) != after.get(path):
                yield Row(RESOURCE, f"{key} {path}", before.get(path), after.get(path))


def _by_name(side: Side) -> dict[str, Any]:
    """Inputs by type and name; the names carry neither stack nor content any more."""
    found = {}
    for resource in side.resources:
        if not resource.get("custom") or resource["type"].startswith(_TOLD_OTHERWISE):
            continue
        kind = resource["type"].rpartition("/")[2].rpartition(":")[2]
        name = _HASH.sub("*", resource["urn"].rpartition("::")[2])
        found[f"{kind} {name}"] = _plain(resource.get("inputs") or {}, side.stack)
    return found


def _plain(value: Any, stack: str) -> Any:
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return "[secret]"
        return {key: _plain(item, stack) for key, item in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [_plain(item, stack) for item in value]
    if isinstance(value, str):
        return _HASH.sub("*", re.sub(rf"(^|-){re.escape(stack)}(?=-|$)", r"\1STACK", value))
    return value


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value and not is_secure(value):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(f"{path}[{number}]", item)
    else:
        yield path, value


def _shown(value: Any) -> str:
    if value is None:
        return _ABSENT
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
