"""Writes property values and their differences as text, in the layout of the Pulumi CLI."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from webstack.engine.model.provider import UNKNOWN
from webstack.engine.model.values import Secret

_STEP: Final = "    "
_ABSENT: Final = object()


def properties(values: Mapping[str, Any], indent: int, mark: str = " ") -> Iterator[str]:
    """Return the lines of an object's properties. Keys are aligned, internal keys left out."""
    keys = [key for key in sorted(values) if not key.startswith("__")]
    width = max(map(len, keys), default=0)
    for key in keys:
        yield from _titled(f"{key:<{width}}", values[key], indent, mark)


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], indent: int, *, sames: bool = False
) -> Iterator[str]:
    """Return the lines that show how two objects differ, with unchanged properties if wanted."""
    keys = [key for key in sorted(old.keys() | new.keys()) if not key.startswith("__")]
    shown = [key for key in keys if sames or old.get(key, _ABSENT) != new.get(key, _ABSENT)]
    width = max(map(len, shown), default=0)
    for key in shown:
        title = f"{key:<{width}}"
        yield from _changed(title, old.get(key, _ABSENT), new.get(key, _ABSENT), indent)


def scalar(value: Any) -> str:
    """Return the text of a value that fits on one line."""
    if isinstance(value, Secret):
        return "[secret]"
    if value == UNKNOWN:
        return "[unknown]"
    if value is None:
        return "<null>"
    return json.dumps(value, ensure_ascii=False)


def _changed(title: str, old: Any, new: Any, indent: int) -> Iterator[str]:
    if old is _ABSENT:
        yield from _titled(title, new, indent, "+")
    elif new is _ABSENT:
        yield from _titled(title, old, indent, "-")
    elif old == new:
        yield from _titled(title, new, indent, " ")
    elif isinstance(new, Secret):
        # The old value may stand in the state in the clear, as the CLI has left it there.
        yield _line(indent, "~", f"{title}: [secret] => [secret]")
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield _line(indent, "~", f"{title}: {{")
        yield from differences(old, new, indent + 1, sames=True)
        yield _line(indent, " ", "}")
    elif isinstance(old, list) and isinstance(new, list):
        yield _line(indent, "~", f"{title}: [")
        yield from _changed_items(old, new, indent + 1)
        yield _line(indent, " ", "]")
    elif _is_flat(old) and _is_flat(new):
        yield _line(indent, "~", f"{title}: {scalar(old)} => {scalar(new)}")
    else:
        yield from _titled(title, old, indent, "-")
        yield from _titled(title, new, indent, "+")


def _changed_items(old: list[Any], new: list[Any], indent: int) -> Iterator[str]:
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else _ABSENT
        after = new[index] if index < len(new) else _ABSENT
        if before != after:
            yield from _changed(f"[{index}]", before, after, indent)


def _titled(title: str, value: Any, indent: int, mark: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield _line(indent, mark, f"{title}: {{")
        yield from properties(value, indent + 1, mark)
        yield _line(indent, mark, "}")
    elif isinstance(value, list) and value:
        yield _line(indent, mark, f"{title}: [")
        for index, item in enumerate(value):
            yield from _titled(f"[{index}]", item, indent + 1, mark)
        yield _line(indent, mark, "]")
    else:
        yield _line(indent, mark, f"{title}: {scalar(value)}")


def _is_flat(value: Any) -> bool:
    return not isinstance(value, (Mapping, list)) or not value


def _line(indent: int, mark: str, text: str) -> str:
    return f"{_STEP * indent}"[:-2] + f"{mark} {text}"
