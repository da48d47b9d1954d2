"""Describes inputs of a run by short values that are equal as long as nothing has changed.

Everything here needs the standard library alone, and little of it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterable, Mapping
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import Final

READ: Final = "read"
"""A file whose content counts, or a folder whose names count."""
SEEN: Final = "seen"
"""A path that was asked for its kind: whether it is there, a file or a folder."""
LINK: Final = "link"
"""A symbolic link, or what stands in its place."""

_OF_THE_SHELL: Final = frozenset(
    [
        "_",
        "COLUMNS",
        "LINES",
        "OLDPWD",
        "PWD",
        "SHLVL",
        "TERM",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MAKE_TERMERR",
        "MAKE_TERMOUT",
        "MFLAGS",
    ]
)
"""Variables that tell of the place of a call, and are another in each shell."""

Token = list[int]
Paths = Mapping[str, Iterable[str]]


def token(path: str, kind: str) -> Token:
    """Describe a path: mode, inode, and for what counts size and times in nanoseconds.

    A path that cannot be looked at is described by the number of the error.
    """
    try:
        found = os.lstat(path) if kind == LINK else os.stat(path)  # noqa: PTH116
    except OSError as error:
        return [-(error.errno or 1)]
    except ValueError:
        return [-1]
    if kind != READ and not (S_ISREG(found.st_mode) or S_ISLNK(found.st_mode)):
        return [found.st_mode, found.st_ino]
    size = 0 if S_ISDIR(found.st_mode) else found.st_size
    return [found.st_mode, found.st_ino, size, found.st_mtime_ns, found.st_ctime_ns]


def newest(tokens: Iterable[Token]) -> int:
    """Give the last change among tokens, in nanoseconds since 1970; 0 where none tells it."""
    return max((max(each[3:], default=0) for each in tokens), default=0)


def environment(environ: Mapping[str, str]) -> str:
    """Give a digest of the variables, of who runs and by which Python."""
    told = sorted((name, value) for name, value in environ.items() if name not in _OF_THE_SHELL)
    who = [os.geteuid(), os.getegid(), *sorted(os.getgroups())]
    text = repr((told, who, sys.version, sys.executable, sys.prefix, sys.flags))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def clock() -> float:
    """Give the second since 1970 at which the machine's clock says that it was started.

    It is the same until the machine starts again, or somebody sets the clock.
    """
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
