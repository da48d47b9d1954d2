"""Decides which files of a build context an ignore file excludes."""

from __future__ import annotations

from collections.abc import Sequence

from webstack.docker.errors import ContextError
from webstack.docker.ignore_file import cleaned
from webstack.docker.ignore_pattern import WILDCARDS, Pattern

Matched = tuple[bool, ...]
"""For each pattern whether it matches a directory; its content then counts as matched too."""


class IgnoreRules:
    """Holds all patterns of a file in order. The last one that matches decides.

    Raises ContextError for the first line that is no pattern.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._patterns = [_pattern(line) for line in lines]
        self._exceptions = [pattern for pattern in self._patterns if pattern.excepts]
        self._plain = not any(WILDCARDS & set(pattern.stem) for pattern in self._exceptions)

    def match(self, path: str, parent: Matched | None = None) -> tuple[bool, Matched]:
        """Tell whether a path is ignored. ``parent`` is the match of its directory."""
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
        """Tell whether a path is ignored, by itself or with a directory above it."""
        parent: Matched | None = None
        ignored = False
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            ignored, parent = self.match("/".join(parts[:depth]), parent)
        return ignored

    def may_prune(self, directory: str) -> bool:
        """Tell whether nothing below an ignored directory can be included again."""
        within = f"{directory}/"
        return self._plain and not any(
            f"{pattern.stem}/".startswith(within) for pattern in self._exceptions
        )

    def older_clients_prune(self, directory: str) -> bool:
        """Tell whether clients that archive for the classic builder prune there.

        They look at the exceptions as texts: no ``*`` leads them into a left-out directory.
        """
        within = f"{directory}/"
        return not any(f"{pattern.text}/".startswith(within) for pattern in self._exceptions)


def _pattern(line: str) -> Pattern:
    text = cleaned(line)
    if text == "!":
        raise ContextError('.dockerignore: "!" alone is not a pattern')
    return Pattern(text.removeprefix("!"), text.startswith("!"))
