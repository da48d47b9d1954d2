"""Walks the files of a build context once, for the image's digest and for what is sent."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from webstack.docker.errors import ContextError
from webstack.docker.ignore_file import read_ignore_file
from webstack.docker.ignore_rules import IgnoreRules, Matched


class Entry(msgspec.Struct, frozen=True):
    """Names a file, directory or link below the context. ``name`` is relative, with ``/``.

    ``sent_by_all`` is False of what an older client leaves out (`IgnoreRules.older_clients_prune`).
    """

    path: str
    name: str
    mode: int
    size: int
    sent_by_all: bool = True

    @property
    def is_folder(self) -> bool:
        """Tell whether it is a directory, of which only name and mode count."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_sent(self) -> bool:
        """Tell whether an archive can hold it, which is not so for a socket."""
        return not stat.S_ISSOCK(self.mode)


class _Folder(msgspec.Struct, frozen=True):
    """Holds a directory of the walk: what is left to look at, and how it was matched."""

    name: str
    rest: Iterator[str]
    matched: Matched | None
    sent_by_all: bool


def walk(context: Path, rules: IgnoreRules) -> Iterator[Entry]:
    """Yield what is not ignored, each directory before its content; raises ContextError."""
    root = str(context)
    # Folders may lie deeper in each other than Python's functions may.
    inside = [_Folder("", _names(root, ""), None, sent_by_all=True)]
    while inside:
        folder = inside[-1]
        entry_name = next(folder.rest, None)
        if entry_name is None:
            inside.pop()
            continue
        name = f"{folder.name}/{entry_name}" if folder.name else entry_name
        ignored, matched = rules.match(name, folder.matched)
        entry = _entry(root, name, sent_by_all=folder.sent_by_all)
        if entry is None:
            continue
        if not ignored:
            yield entry
        if entry.is_folder and not (ignored and rules.may_prune(name)):
            entered = folder.sent_by_all and not (ignored and rules.older_clients_prune(name))
            inside.append(_Folder(name, _names(root, name), matched, entered))


def _entry(context: str, name: str, *, sent_by_all: bool) -> Entry | None:
    path = f"{context}/{name}"
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None  # removed since its folder was read
    except OSError as error:
        raise ContextError(f"build context {context}: {error.strerror}: {name!r}") from error
    return Entry(path, name, found.st_mode, found.st_size, sent_by_all)


def _names(context: str, folder: str) -> Iterator[str]:
    try:
        names = os.listdir(f"{context}/{folder}")  # noqa: PTH208 - names only
    except OSError as error:
        raise ContextError(f"build context {context}: {error.strerror}: {folder!r}") from error
    return iter(sorted(names, key=os.fsencode))


def relative_dockerfile(context: Path, dockerfile: Path) -> str:
    """Return the Dockerfile's path from the context. Outside of it that begins with ``../``."""
    return os.path.relpath(dockerfile.resolve(), context.resolve()).replace(os.sep, "/")


class Sending(msgspec.Struct, frozen=True):
    """Describes what is sent to build an image: files, and the Dockerfile's name among them."""

    context: Path
    dockerfile: Path
    name: str
    rules: IgnoreRules

    @classmethod
    def of(cls, context: Path, dockerfile: Path) -> Sending:
        """Read the ignore file of a context; raises ContextError."""
        name = relative_dockerfile(context, dockerfile)
        lines = read_ignore_file(context, dockerfile)
        rules = IgnoreRules(lines)
        # Docker needs these two even where they are left out of the image.
        needed = [f"!{path}" for path in (".dockerignore", name) if rules.ignores(path)]
        return cls(context, dockerfile, name, IgnoreRules([*lines, *needed]))

    @property
    def is_outside(self) -> bool:
        """Tell whether the Dockerfile lies outside of the context."""
        return self.name.startswith("../")

    def entries(self) -> Iterator[Entry]:
        """Return all that is sent, in the order of the archive; raises ContextError."""
        return (entry for entry in walk(self.context, self.rules) if entry.is_sent)
