"""Leaves layers out of what `docker save` wrote that another daemon has already."""

from __future__ import annotations

import json
import posixpath
import tarfile
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

Layers = tuple[str, ...]
"""The digests of an image's layers, from the lowest up to one of them: that one, in its place."""


def stacked(layers: Collection[str]) -> set[Layers]:
    """Give each layer of an image with those below it."""
    listed = tuple(layers)
    return {listed[: number + 1] for number in range(len(listed))}


def lighter(saved: IO[bytes], known: Collection[Layers], target: IO[bytes]) -> None:
    """Write the images of ``saved`` without the layers that a daemon knows.

    It looks for a layer's file only where it lacks the layer. Raises KeyError, TypeError,
    ValueError or tarfile.TarError for what is no such archive.
    """
    saved.seek(0)
    with tarfile.open(fileobj=saved, mode="r:") as archive:
        entries = {entry.name: entry for entry in archive}
        known_ones: set[str] = set()
        needed: set[str] = set()
        for path, below in _layers(archive, entries):
            (known_ones if below in known else needed).add(_followed(entries, path))
        with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT) as packed:
            for name, entry in entries.items():
                if name not in known_ones - needed:
                    packed.addfile(entry, archive.extractfile(entry) if entry.isreg() else None)
    target.seek(0)


def _layers(
    archive: tarfile.TarFile, entries: Mapping[str, tarfile.TarInfo]
) -> Iterator[tuple[str, Layers]]:
    """Give the file of each layer of all images, with the digests of it and those below."""
    for image in _json(archive, entries["manifest.json"]):
        digests = _json(archive, entries[image["Config"]])["rootfs"]["diff_ids"]
        for number, path in enumerate(image["Layers"]):
            yield path, tuple(digests[: number + 1])


def _json(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Any:
    file = archive.extractfile(entry)
    return json.loads(file.read() if file else b"null")


def _followed(entries: Mapping[str, tarfile.TarInfo], path: str) -> str:
    """Give the file that a path leads to: equal layers of several images are links to one."""
    entry = entries[path]
    if not entry.issym():
        return path
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.linkname))
