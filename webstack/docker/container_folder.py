"""Reads how a folder of a container is from the beginning of its archive."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import msgspec

_ENOUGH = 1 << 16
"""Bytes of an archive that hold the heads of its first two members."""


class ContainerFolder(msgspec.Struct, frozen=True):
    """Holds owner and group by number, the mode, and whether there is no file, folder or link."""

    owner: int
    group: int
    mode: int
    is_empty: bool


def read_folder(api: Any, container: str, path: str) -> ContainerFolder | None:
    """Read what the daemon tells of a folder; None for what is no folder.

    Raises what the Docker client does, and tarfile.TarError.
    """
    stream, _ = api.get_archive(container, path, chunk_size=tarfile.RECORDSIZE)
    beginning = b""
    for chunk in stream:
        beginning += chunk
        if len(beginning) >= _ENOUGH:
            break
    stream.close()
    with tarfile.open(fileobj=io.BytesIO(beginning), mode="r:") as archive:
        first, second = archive.next(), archive.next()
    if first is None or not first.isdir():
        return None
    return ContainerFolder(first.uid, first.gid, first.mode, is_empty=second is None)
