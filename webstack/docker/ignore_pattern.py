"""Matches one line of an ignore file as Docker does.

Docker turns a pattern into a regular expression character by character, brackets or not, and has
it matched by an engine of linear time. So has this: what a line matches depends on such details,
and an ignore file that someone else wrote must not stop a preview.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any, Final

import msgspec

from webstack.docker.errors import ContextError

WILDCARDS: Final = frozenset("*[]?^\\")
_ESCAPED: Final = frozenset(".+()|{}$")
_ANY: Final = ".*"
_FOLDERS: Final = "(.*/)?"
_WITHIN: Final = {"*": "[^/]*", "?": "[^/]"}


class Pattern(msgspec.Struct, frozen=True, dict=True):
    """Holds one line. ``excepts`` (``!``) includes matching files again.

    Raises ContextError where Docker would take it for no pattern.
    """

    text: str
    excepts: bool

    def __post_init__(self) -> None:
        if not _is_well_formed(self.text):
            raise ContextError(f".dockerignore: {self.text!r} is not a pattern")

    def matches(self, path: str) -> bool:
        """Match a path below the context, as a whole."""
        if self._wild:
            return self._expression.search(os.fsencode(path)) is not None
        if self.text.startswith("**"):
            end = self.text[2:]
            return path.endswith(end) or (end.startswith("/") and path == end[1:])
        if self.text.endswith("**"):
            return path.startswith(self.text[:-2])
        return path == self.text

    @property
    def stem(self) -> str:
        """Return the pattern without a trailing wildcard element."""
        return self.text.removesuffix("/**").removesuffix("/*")

    @property
    def _wild(self) -> bool:
        """Tell whether it has more wildcards than ``**`` at one of its ends."""
        start = self.text.startswith("**")
        rest = self.text[2:] if start else self.text.removesuffix("**")
        return bool(set("*?[]\\") & set(rest))

    @cached_property
    def _expression(self) -> Any:
        # Its import takes longer than most previews have patterns to match.
        import re2

        options = re2.Options()
        options.log_errors = False
        try:
            return re2.compile(os.fsencode(f"^{_translated(self.text)}$"), options)
        except re2.error as error:
            raise ContextError(f".dockerignore: {self.text!r} is not a pattern") from error


def _translated(pattern: str) -> str:
    """Return Docker's regular expression. What Docker does not know stays as it is."""
    parts: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith("**", position):
            position += 2 + pattern.startswith("/", position + 2)
            parts.append(_ANY if position == len(pattern) else _FOLDERS)
            continue
        if character == "\\":
            parts.append(pattern[position : position + 2])
            position += 2
            continue
        escape = "\\" if character in _ESCAPED else ""
        parts.append(_WITHIN.get(character, f"{escape}{character}"))
        position += 1
    return "".join(parts)


def _is_well_formed(pattern: str) -> bool:
    """Tell whether brackets and backslashes are complete, by the rules of Go's path matching."""
    position = 0
    while position < len(pattern):
        character = pattern[position]
        after = position + 1
        if character == "\\":
            after = position + 2 if after < len(pattern) else -1
        elif character == "[":
            after = _end_of_class(pattern, after)
        if after < 0:
            return False
        position = after
    return True


def _end_of_class(pattern: str, position: int) -> int:
    """Return the index where a class ends that begins before this one, -1 without an end."""
    position += pattern.startswith("^", position)
    empty = True
    while empty or not pattern.startswith("]", position):
        position = _end_of_member(pattern, position)
        if position > 0 and pattern.startswith("-", position):
            position = _end_of_member(pattern, position + 1)
        if position < 0:
            return -1
        empty = False
    return position + 1


def _end_of_member(pattern: str, position: int) -> int:
    """Return the index where a character of a class ends, -1 without one."""
    if position >= len(pattern) or pattern[position] in "-]":
        return -1
    position += 2 if pattern[position] == "\\" else 1
    return position if position < len(pattern) else -1
