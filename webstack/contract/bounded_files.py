"""Reads files of unknown kind within a limit of bytes, and without waiting."""

from __future__ import annotations

import errno
import os
import stat
from gzip import GzipFile
from pathlib import Path
from typing import BinaryIO, Final

LARGEST: Final = 256 << 20
"""Bytes; more than any state or preview has."""
SMALL: Final = 1 << 20
"""Bytes; more than any lock, login, passphrase or single setting has."""


class UnreadableError(OSError):
    """Reports that a file cannot be read. The message is the reason, to follow its name."""

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EFBIG, reason)

    def __str__(self) -> str:
        return str(self.strerror)


def read_regular(path: Path, limit: int) -> bytes:
    """Read a regular file of at most ``limit`` bytes; raises UnreadableError, FileNotFoundError.

    A device or a pipe is none: it may have no end, or wait for a writer.
    """
    try:
        with open(path, "rb", opener=without_waiting) as file:
            content = file.read(limit + 1)
    except (FileNotFoundError, UnreadableError):
        raise
    except (OSError, ValueError) as error:
        raise UnreadableError(getattr(error, "strerror", None) or str(error)) from None
    return _within(content, limit)


def read_any(path: Path, limit: int) -> bytes:
    """Read at most ``limit`` bytes of any file, a pipe too; raises as `read_regular` does."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except (FileNotFoundError, UnreadableError):
        raise
    except (OSError, ValueError) as error:
        raise UnreadableError(getattr(error, "strerror", None) or str(error)) from None
    return _within(content, limit)


def read_stream(stream: BinaryIO | GzipFile, limit: int) -> bytes:
    """Read at most ``limit`` bytes of a stream that ends there; raises UnreadableError."""
    return _within(stream.read(limit + 1), limit)


def without_waiting(path: str, flags: int) -> int:
    """Open a regular file, for the opener of `open`; raises UnreadableError for any other."""
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise UnreadableError("it is not a regular file")


def _within(content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        size = f"{limit // 2**20} MiB" if limit >= 2**20 else f"{limit // 2**10} KiB"
        raise UnreadableError(f"it has more than {size}")
    return content
