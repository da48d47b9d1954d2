"""The files of an application, read once and within bounds: it comes from outside.

Links are not followed, and nothing is imported or run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from webstack.cli.terminal.errors import OpsError

MOST_FILES = 30_000
DEEPEST = 14
LARGEST = 400_000
"""Bytes of a file that is read."""
MOST_TEXT = 40_000_000
"""Bytes that are read of all files."""
_PASSED_OVER = {
    *(".git", ".hg", ".svn", "node_modules", "bower_components", "__pycache__", "site-packages"),
    *(".venv", "venv", "env", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
}
_READ = {".py", ".toml", ".txt", ".in", ".json", ".yml", ".yaml", ".cfg", ".ini", ".lock", ".sql"}
_READ_BY_NAME = (
    "Dockerfile",
    "Makefile",
    "Procfile",
    "Pipfile",
    ".env",
    ".flaskenv",
    ".python-version",
)
_TESTS = {"test", "tests", "testing", "docs", "doc", "examples", "example", "migrations"}


@dataclass(frozen=True)
class SourceTree:
    """The names of all files, and the texts of those that may say something; by relative path."""

    names: frozenset[str]
    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """Give the text of a file, empty where there is none."""
        return self.texts.get(path, "")

    def has_folder(self, path: str) -> bool:
        """Tell whether some file lies in a folder."""
        return any(name.startswith(f"{path}/") for name in self.names)

    def named(self, name: str) -> list[str]:
        """Give the paths of files of a name, those of the outer folders first."""
        return sorted((p for p in self.names if PurePosixPath(p).name == name), key=_outer_first)

    def python(self) -> list[str]:
        """Give the application's own modules, those of the outer folders first."""
        found = (path for path in self.texts if path.endswith(".py") and not _is_aside(path))
        return sorted(found, key=_outer_first)


def _is_aside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return bool(_TESTS & set(parts[:-1])) or name.startswith("test_") or name == "conftest.py"


def _outer_first(path: str) -> tuple[int, str]:
    return path.count("/"), path


def read_tree(folder: Path) -> SourceTree:
    """Read a folder; raises OpsError where there is none, or it is larger than an application."""
    if not folder.is_dir():
        raise OpsError(f"{folder} is no folder", "name that of an application, or its git address")
    names: set[str] = set()
    texts: dict[str, str] = {}
    left = MOST_TEXT
    for path in _walked(folder):
        name = path.relative_to(folder).as_posix()
        names.add(name)
        if len(names) > MOST_FILES:
            raise OpsError(
                f"{folder} has more than {MOST_FILES:,} files", "name the application's own folder"
            )
        if _is_read(path) and (text := _text(path, min(left, LARGEST))) is not None:
            texts[name] = text
            left -= len(text)
    return SourceTree(frozenset(names), texts)


def _walked(folder: Path, depth: int = 0) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(islice(found, MOST_FILES + 1), key=lambda entry: entry.name)
    except OSError as error:
        raise OpsError(f"{folder} cannot be read: {error.strerror}") from None
    for entry in entries:
        if not entry.name.isprintable() or entry.is_symlink():
            continue
        if entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
        elif _is_entered(entry) and depth < DEEPEST:
            yield from _walked(Path(entry.path), depth + 1)


def _is_entered(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and entry.name not in _PASSED_OVER


def _is_read(path: Path) -> bool:
    return path.suffix in _READ or path.name.startswith(_READ_BY_NAME)


def _text(path: Path, most: int) -> str | None:
    """Give a text file's text; None for one that is too large, or no text."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(most + 1)
    except OSError:
        return None
    return None if len(data) > most or b"\0" in data else data.decode(errors="replace")
