"""The access log: a file that every nginx of the stack appends to, one beside the other.

A file that is full is put aside, and each nginx begins the next one as soon as it sees that the
name means another file. What it writes until then is in the file that was put aside: no line is
lost, and some of two files may be out of order.
"""

import contextlib
import fcntl
import itertools
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

FOLDER = Path("/var/log/webstack")
FULL = 16 << 20
"""Bytes of a file that is put aside; under load it has grown by a second's lines meanwhile."""
KEPT = 3
PAUSE = 1.0
_PID_FILE = Path("/run/nginx/nginx.pid")


def files(folder: Path = FOLDER) -> list[Path]:
    """The files in which lines may be, the newest first."""
    return [folder / "access.log", *(folder / f"access.log.{age + 1}" for age in range(KEPT))]


def begun(folder: Path = FOLDER) -> int:
    """Make the file where it is not there, and tell which it is."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    number = os.open(files(folder)[0], flags, 0o640)
    try:
        return os.fstat(number).st_ino
    finally:
        os.close(number)


def turn_over(folder: Path = FOLDER, full: int = FULL) -> None:
    """Put a full file aside; the oldest that was put aside goes."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        names = files(folder)
        if names[0].stat().st_size >= full:
            for younger, elder in reversed(list(itertools.pairwise(names))):
                with contextlib.suppress(FileNotFoundError):
                    younger.replace(elder)
            begun(folder)
    finally:
        os.close(lock)


def followed(inode: int, reopen: Callable[[], None], folder: Path = FOLDER) -> int:
    """Have nginx begin the file that is there now, unless it has that one; tells which it is."""
    now = begun(folder)
    if now != inode:
        reopen()
    return now


def keep(inode: int) -> None:
    """Turn the file over for ever, for an nginx that has begun with this one."""
    while True:
        time.sleep(PAUSE)
        with contextlib.suppress(OSError, ValueError):  # a full disk ends nothing
            turn_over()
            inode = followed(inode, _reopen)


def _reopen() -> None:
    os.kill(int(_PID_FILE.read_text()), signal.SIGUSR1)
