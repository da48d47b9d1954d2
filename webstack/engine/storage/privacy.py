"""Decides who may read a state folder: its owner, and a group that it is shared with."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

_SHARED_ON_PURPOSE: Final = stat.S_ISGID | stat.S_IWGRP


class Access(msgspec.Struct, frozen=True):
    """Holds the modes of files and folders."""

    file: int
    folder: int


PRIVATE: Final = Access(0o600, 0o700)
SHARED: Final = Access(0o660, 0o2770)


def access(mode: int) -> Access:
    """Derive from the mode of a state folder who may read its content.

    Its set-group-id bit is what nobody sets by chance; a umask may let a group write.
    """
    return SHARED if mode & _SHARED_ON_PURPOSE == _SHARED_ON_PURPOSE else PRIVATE


def access_to(folder: Path) -> Access:
    """Return who may read the content of a state folder. A missing one counts as private."""
    with suppress(OSError):
        return access(folder.stat().st_mode)
    return PRIVATE


def tighten(folder: Path, allowed: Access) -> None:
    """Remove others' rights to what an earlier run wrote. Files of other users stay.

    A folder goes after its files, so that a run that was killed leaves something to see.
    """
    for at, _folders, names in os.walk(folder, topdown=False):
        if _is_open(Path(at), allowed.folder):
            for name in names:
                limit(Path(at, name), allowed.file)
            limit(Path(at), allowed.folder)


def limit(path: Path, allowed: int) -> None:
    """Remove rights that are not allowed. It adds none and follows no link."""
    with suppress(OSError):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            path.chmod(stat.S_IMODE(mode) & (allowed | stat.S_ISGID))


def _is_open(path: Path, allowed: int) -> bool:
    with suppress(OSError):
        return bool(path.stat().st_mode & 0o077 & ~allowed)
    return False
