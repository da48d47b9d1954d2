"""Reads paths into property values, as ``ignoreChanges`` and ``replaceOnChanges`` use them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from webstack.engine.model.values import Secret, plain

Path = tuple["str | int", ...]

_ELEMENT: Final = re.compile(
    r'\.?(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\["(?P<quoted>(?:\\"|[^"])*)"\]|\[(?P<any>\*)\]'
)


def parse(text: str) -> Path:
    """Parse ``a.b[0]["c d"].*``; raises ValueError for anything else."""
    elements: list[str | int] = []
    position = 0
    while position < len(text):
        match = _ELEMENT.match(text, position)
        if match is None or (position == 0 and text.startswith(".")):
            raise ValueError(f"not a property path: {text!r}")
        elements.append(_element(match))
        position = match.end()
    return tuple(elements)


def _element(match: re.Match[str]) -> str | int:
    if match["index"] is not None:
        return int(match["index"])
    if match["quoted"] is not None:
        return match["quoted"].replace('\\"', '"')
    return match["any"] or match["name"]


def contains(path: Path, other: Path) -> bool:
    """Tell whether ``other`` lies at or below ``path``; ``*`` stands for any one element."""
    if len(other) < len(path):
        return False
    return all(ours in ("*", theirs) for ours, theirs in zip(path, other, strict=False))


def reset(new: Any, old: Any, path: Path) -> Any:
    """Return ``new`` with the value that ``old`` has at ``path``; absent there, it is removed.

    Elements that only one of the two has above the end of the path leave ``new`` unchanged.
    """
    if isinstance(new, Secret) or isinstance(old, Secret):
        changed = reset(plain(new), plain(old), path)
        return new if changed == plain(new) else Secret(changed)
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        return _reset_object(new, old, path)
    if isinstance(new, list) and isinstance(old, list):
        return _reset_list(new, old, path)
    return new


def _reset_object(new: Mapping[str, Any], old: Mapping[str, Any], path: Path) -> dict[str, Any]:
    head, rest = path[0], path[1:]
    result = dict(new)
    for key in sorted(new.keys() | old.keys()) if head == "*" else [str(head)]:
        if rest:
            if key in new and key in old:
                result[key] = reset(new[key], old[key], rest)
        elif key in old:
            result[key] = old[key]
        else:
            result.pop(key, None)
    return result


def _reset_list(new: list[Any], old: list[Any], path: Path) -> list[Any]:
    head, rest = path[0], path[1:]
    shared = range(min(len(new), len(old)))
    result = list(new)
    for index in shared if head == "*" else [head]:
        if isinstance(index, int) and index in shared:
            result[index] = reset(new[index], old[index], rest) if rest else old[index]
    return result
