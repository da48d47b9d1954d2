"""Which files of a build context ``.dockerignore`` leaves out, exactly as Docker decides it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from ..provider import ProviderError

_WILDCARDS: Final = set("*[]?^\\")

Matched = tuple[bool, ...]
"""For each pattern whether it matches a directory; its content then counts as matched too."""


def read_ignore_file(context: Path, dockerfile: Path) -> list[str]:
    """Give the patterns of ``<Dockerfile>.dockerignore``, else of the context's own file."""
    for path in (
        dockerfile.with_name(f"{dockerfile.name}.dockerignore"),
        context / ".dockerignore",
    ):
        try:
            return parse_ignore_file(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise ProviderError(f"{path} cannot be read: {error}") from error
    return []


def parse_ignore_file(text: str) -> list[str]:
    """Give the patterns, made relative to the context; ``!`` stays in front."""
    lines = (line.strip() for line in text.splitlines() if not line.startswith("#"))
    return [_cleaned(line) for line in lines if line]


def _cleaned(line: str) -> str:
    negated, pattern = line.startswith("!"), line.removeprefix("!").strip()
    path = posixpath.normpath(pattern) if pattern else ""
    relative = path.lstrip("/") if len(path.lstrip("/")) else path
    return f"!{relative}" if negated else relative


class Pattern(msgspec.Struct, frozen=True, dict=True):
    """One line; ``excepts`` (``!``) takes matching files in again."""

    text: str
    excepts: bool

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        try:
            return re.compile(_to_expression(self.text), re.DOTALL)
        except re.error as error:
            raise ProviderError(f".dockerignore: {self.text!r} is not a pattern") from error

    def matches(self, path: str) -> bool:
        """Match a path below the context, as a whole."""
        return self._expression.fullmatch(path) is not None

    @cached_property
    def stem(self) -> str:
        """The pattern without a trailing wildcard element."""
        return self.text.removesuffix("/**").removesuffix("/*")


class IgnoreRules:
    """All patterns of a file, in order; the last one that matches decides."""

    def __init__(self, lines: Sequence[str]) -> None:
        if "!" in lines:
            raise ProviderError('.dockerignore: "!" alone is not a pattern')
        self._patterns = [
            Pattern(posixpath.normpath(line.removeprefix("!")), line.startswith("!"))
            for line in lines
        ]
        exceptions = [pattern for pattern in self._patterns if pattern.excepts]
        self._exceptions = [f"{pattern.stem}/" for pattern in exceptions]
        self._prunes = not any(_WILDCARDS & set(pattern.stem) for pattern in exceptions)

    def match(self, path: str, parent: Matched | None = None) -> tuple[bool, Matched]:
        """Tell whether a path is left out; ``parent`` is what its directory's match gave."""
        ignored = False
        found: list[bool] = []
        for index, pattern in enumerate(self._patterns):
            hit = parent is not None and parent[index]
            if not hit and pattern.excepts == ignored:
                hit = pattern.matches(path)
            found.append(hit)
            if hit:
                ignored = not pattern.excepts
        return ignored, tuple(found)

    def ignores(self, path: str) -> bool:
        """Tell whether a path is left out, by itself or with a directory above it."""
        parent: Matched | None = None
        ignored = False
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            ignored, parent = self.match("/".join(parts[:depth]), parent)
        return ignored

    def may_prune(self, directory: str) -> bool:
        """Tell whether nothing below a left-out directory can be taken in again."""
        within = f"{directory}/"
        return self._prunes and not any(stem.startswith(within) for stem in self._exceptions)


def _to_expression(pattern: str) -> str:
    if pattern.startswith("**") and not _WILDCARDS & set(pattern[2:]):
        rest = pattern[2:]
        return f"(.*/)?{re.escape(rest[1:])}" if rest.startswith("/") else f".*{re.escape(rest)}"
    expression, position = "", 0
    while position < len(pattern):
        part, position = _element(pattern, position)
        expression += part
    return expression


def _element(pattern: str, position: int) -> tuple[str, int]:
    """Translate one element at a position; gives it with the position after it."""
    character = pattern[position]
    if pattern.startswith("**", position):
        after = position + 2 + (pattern[position + 2 : position + 3] == "/")
        return (".*" if after == len(pattern) else "(.*/)?"), after
    if character == "\\" and position + 1 < len(pattern):
        return re.escape(pattern[position + 1]), position + 2
    if character in "[]^-":
        return character, position + 1
    return {"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character)), position + 1
