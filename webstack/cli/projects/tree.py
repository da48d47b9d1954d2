"""Holds the files of a project as values: by path, with their content and what they are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from webstack.contract import bounded_files


@dataclass(frozen=True)
class File:
    """Holds the content of one file; of a link, where it leads."""

    content: bytes
    executable: bool = False
    link: bool = False


Tree = Mapping[str, File]
"""Files by their path below the project, with ``/`` between folders."""


def read_file(path: Path) -> File | None:
    """Read one file or link; None where there is none. Raises UnreadableError."""
    if path.is_symlink():
        return File(os.fsencode(path.readlink()), link=True)
    try:
        content = bounded_files.read_regular(path, bounded_files.LARGEST)
    except FileNotFoundError:
        return None
    return File(content, executable=os.access(path, os.X_OK))


def read_tree(root: Path, names: Iterable[str]) -> dict[str, File]:
    """Read those of some files that exist; raises UnreadableError."""
    found = {name: read_file(root / name) for name in names}
    return {name: file for name, file in found.items() if file is not None}


def write_file(root: Path, name: str, file: File | None) -> None:
    """Write one file in place of what stands there, or remove that; empty folders go with it."""
    path = root / name
    if file is None:
        path.unlink(missing_ok=True)
        _remove_empty(path.parent, root)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if file.link:
        path.symlink_to(os.fsdecode(file.content))
    else:
        path.write_bytes(file.content)
        path.chmod(0o755 if file.executable else 0o644)


def write_tree(root: Path, tree: Tree) -> None:
    """Write all files of a tree."""
    for name, file in tree.items():
        write_file(root, name, file)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
