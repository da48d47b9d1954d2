"""Merges a newer version's files into a project: what of them changed, and what its owner changed.

Three trees decide: the files of the version that the project stands on (base), the project's own,
and those of the newer version.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from webstack.cli.machine.shell import CommandError, finished
from webstack.cli.projects.tree import File, Tree

_MOST_CONFLICTS = 127
"""git counts the conflicts in its exit code; above stands an error."""


class Kind(Enum):
    """Says what happens to a file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    MERGED = "merged with your changes"
    CONFLICT = "conflict"
    LEFT_OUT = "left out, as you removed it"
    KEPT = "kept, as you changed it; the new version has it no longer"


@dataclass(frozen=True)
class Change:
    """Holds what happens to one file; ``file`` is what it becomes, None where it goes."""

    path: str
    kind: Kind
    file: File | None = None

    @property
    def writes(self) -> bool:
        """Tell whether the project's file changes by it."""
        return self.kind not in (Kind.LEFT_OUT, Kind.KEPT)


Merge = Callable[[File, File, File], tuple[bytes, bool]]
"""Takes an owner's file, the base, the newer one; gives the text, and whether it has conflicts."""


def merged(base: Tree, ours: Tree, theirs: Tree, merge: Merge) -> list[Change]:
    """Give the changes that bring ``ours`` from ``base`` to ``theirs``, in order of their paths."""
    changes = []
    for path in sorted(base.keys() | theirs.keys()):
        change = _decided(path, base.get(path), ours.get(path), theirs.get(path), merge)
        if change:
            changes.append(change)
    return changes


def _decided(
    path: str, base: File | None, ours: File | None, theirs: File | None, merge: Merge
) -> Change | None:
    if theirs in (base, ours):
        return None
    if ours == base:
        return Change(path, _simple(base, theirs), theirs)
    if theirs is None:
        return Change(path, Kind.KEPT)
    if ours is None:
        return Change(path, Kind.LEFT_OUT)
    return _both(path, base or File(b""), ours, theirs, merge)


def _simple(before: File | None, after: File | None) -> Kind:
    if after is None:
        return Kind.REMOVED
    return Kind.CHANGED if before else Kind.ADDED


def _both(path: str, base: File, ours: File, theirs: File, merge: Merge) -> Change:
    if ours.link or theirs.link:
        return Change(path, Kind.CONFLICT, ours)
    text, conflicts = merge(ours, base, theirs)
    executable = theirs.executable if ours.executable == base.executable else ours.executable
    kind = Kind.CONFLICT if conflicts else Kind.MERGED
    return Change(path, kind, replace(ours, content=text, executable=executable))


def by_git(old: str, new: str) -> Merge:
    """Give a merge by `git merge-file`, whose marks name the two versions."""

    def merge(ours: File, base: File, theirs: File) -> tuple[bytes, bool]:
        with tempfile.TemporaryDirectory(prefix="webstack-") as scratch:
            folder = Path(scratch)
            files = {"ours": ours, "base": base, "theirs": theirs}
            for name, file in files.items():
                (folder / name).write_bytes(file.content)
            labels = ("-L", "yours", "-L", f"webstack {old}", "-L", f"webstack {new}")
            command = ["git", "merge-file", *labels, *files]
            done = finished(command, env={}, cwd=folder)
            if not 0 <= done.code <= _MOST_CONFLICTS:
                raise CommandError(command, done.code, done.error)
            return (folder / "ours").read_bytes(), bool(done.code)

    return merge
