"""Packs files as tar archives, in which form a daemon takes them."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from typing import IO, Final

IN_MEMORY: Final = 32 * 2**20
"""Bytes; archives of files that are larger lie on the disk."""
MODE: Final = 0o644


def header(name: str, size: int, *, mode: int = MODE, time: int = 0) -> tarfile.TarInfo:
    """Describe a file that root owns; ``size`` in bytes, ``time`` in seconds since the epoch."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, mode, time
    return entry


def of_bytes(files: Mapping[str, bytes], *, mode: int = MODE, owner: int = 0) -> bytes:
    """Return an archive of these contents by name, owned by a numeric user and its group."""
    packed = io.BytesIO()
    entries = [(header(name, len(body), mode=mode), body) for name, body in files.items()]
    for entry, _ in entries:
        entry.uid = entry.gid = owner
    write(packed, ((entry, io.BytesIO(body)) for entry, body in entries))
    return packed.getvalue()


def spooled() -> IO[bytes]:
    """Open a file for an archive; the caller closes it."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def write(target: IO[bytes], files: Iterable[tuple[tarfile.TarInfo, IO[bytes] | None]]) -> None:
    """Write an archive of files with their contents; a folder or a link has none.

    The target stands at its beginning afterwards.
    """
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry, content in files:
            archive.addfile(entry, content)
    target.seek(0)
