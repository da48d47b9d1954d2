"""Changes single entries of a YAML settings file as text, so that all other lines stay.

A library's round trip keeps comments, but writes the whole file anew: other indentation, line
ends, aligned values and long texts would change with an entry that has nothing to do with them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from webstack.engine.model.errors import ProjectError
from webstack.engine.project import yaml_files


def with_entry(text: str, path: Sequence[str], value: Any) -> str:
    """Return the text with the entry at ``path`` set.

    Of more than two keys all but the last have to be there.
    """
    wanted: Any = yaml_files.parsed(text) or {}
    parent = wanted
    for key in path[:-1]:
        parent[key] = parent.get(key) or {}
        parent = parent[key]
    parent[path[-1]] = value
    return _checked(_with_entry(text, path, value), wanted, path)


def without_entry(text: str, path: Sequence[str]) -> str:
    """Return the text without the entry at ``path``. An absent one is no error."""
    wanted: Any = yaml_files.parsed(text)  # bounds what is looked through below
    found = _find(text, path)
    if found is None:
        return text
    parent = wanted[path[0]] if len(path) > 1 else wanted
    del parent[path[-1]]
    if len(path) > 1 and not parent:
        wanted[path[0]] = None
    start, end = found
    lines = text.splitlines(keepends=True)
    return _checked("".join(lines[:start] + lines[end:]), wanted, path)


def _with_entry(text: str, path: Sequence[str], value: Any) -> str:
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    found = _find(text, path)
    indent = "  " * (len(path) - 1)
    if found is not None:
        start, end = found
        indent = re.match(r"\s*", lines[start])[0]  # type: ignore[index]  # matches anything
        return "".join([*lines[:start], _entry(path[-1], value, indent), *lines[end:]])
    if len(path) == 1:
        return "".join([*lines, _entry(path[0], value, "")])
    return _with_child(lines, text, path, value)


def _with_child(lines: list[str], text: str, path: Sequence[str], value: Any) -> str:
    section = _find(text, path[:-1])
    if section is None:
        return "".join([*lines, f"{path[0]}:\n", _entry(path[-1], value, "  ")])
    start, end = section
    head = lines[start]
    lead = head[: len(head) - len(head.lstrip())]
    if not re.fullmatch(r"[^#]*:\s*(#.*)?\n", head):  # "config: {}" becomes a block
        head = f"{lead}{path[-2]}:\n"
    indent = _child_indent(lines[start + 1 : end]) or f"{lead}  "
    entry = _entry(path[-1], value, indent)
    return "".join([*lines[:start], head, *lines[start + 1 : end], entry, *lines[end:]])


def _child_indent(lines: list[str]) -> str:
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            return line[: len(line) - len(line.lstrip())]
    return ""


def _find(text: str, path: Sequence[str]) -> tuple[int, int] | None:
    """Return an entry's first line and the line after its last, without comments that follow."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:  # it refuses a tab before a comment, which others take
        raise _by_hand(path) from None
    for depth, wanted in enumerate(path):
        if not isinstance(node, yaml.MappingNode):
            return None
        for key, value in node.value:
            if key.value == wanted:
                if depth == len(path) - 1:
                    return _extent(key, value)
                node = value
                break
        else:
            return None
    return None


def _extent(key: yaml.Node, value: yaml.Node) -> tuple[int, int]:
    return key.start_mark.line, max(_last_line(value), key.end_mark.line + 1)


def _last_line(node: yaml.Node) -> int:
    """Return the first line that no longer belongs to a value.

    A block itself ends where the next token is, with comments before it that are not its own.
    """
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        children = [
            child for item in node.value for child in (item if isinstance(item, tuple) else (item,))
        ]
        return max(_last_line(child) for child in children)
    mark: int = node.end_mark.line
    return mark + (1 if node.end_mark.column else 0)


def _entry(key: str, value: Any, indent: str) -> str:
    block = yaml_files.dumped({key: value})
    return "".join(f"{indent}{line}\n" for line in block.splitlines())


def _checked(text: str, wanted: Any, path: Sequence[str]) -> str:
    """Raise unless the new text says what was asked for, and nothing else has changed."""
    try:
        found = yaml_files.parsed(text)
    except ProjectError:
        found = None
    if (found or {}) != wanted:
        raise _by_hand(path)
    return text


def _by_hand(path: Sequence[str]) -> ProjectError:
    where = ".".join(path)
    return ProjectError(f"cannot change {where} in this layout: edit the file by hand")
