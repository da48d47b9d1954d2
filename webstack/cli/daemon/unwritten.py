"""Volumes that nothing was ever written to, as far as the Docker daemon can say so."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from docker.errors import DockerException
from requests.exceptions import RequestException

_FOLDER = "/volume"
_ENOUGH = 1 << 16
"""Bytes of an archive that hold the heads of its first two members."""


def unwritten(api: Any, volumes: Collection[str]) -> set[str]:
    """Give those volumes that hold no file, folder or link.

    One of which the daemon does not tell that counts as written.
    """
    return {name for name in volumes if _holds_nothing(api, name)}


def _holds_nothing(api: Any, volume: str) -> bool:
    with suppress(DockerException, RequestException, OSError, tarfile.TarError):
        api.inspect_volume(volume)  # one that is named and not there would be made
        with _mounted(api, volume) as (container, folder):
            return _is_empty(api, container, folder)
    return False


@contextmanager
def _mounted(api: Any, volume: str) -> Iterator[tuple[str, str]]:
    """A container that has the volume, and where; one that never starts if there is no other."""
    for entry in api.containers(all=True, filters={"volume": volume}):
        for mount in entry["Mounts"]:
            if mount.get("Name") == volume:
                yield entry["Id"], mount["Destination"]
                return
    binds = [f"{volume}:{_FOLDER}:ro,nocopy"]
    image = next(iter(api.images(quiet=True)), "")  # any will do, as it is never started
    made = api.create_container(
        image, ["-"], host_config=api.create_host_config(binds=binds, network_mode="none")
    )
    try:
        yield made["Id"], _FOLDER
    finally:
        api.remove_container(made["Id"], force=True)


def _is_empty(api: Any, container: str, folder: str) -> bool:
    """Whether the folder is all that is in its archive, of which only the beginning is read."""
    stream, _ = api.get_archive(container, folder, chunk_size=tarfile.RECORDSIZE)
    beginning = b""
    for chunk in stream:
        beginning += chunk
        if len(beginning) >= _ENOUGH:
            break
    stream.close()
    with tarfile.open(fileobj=io.BytesIO(beginning), mode="r:") as archive:
        first, second = archive.next(), archive.next()
    return first is not None and first.isdir() and second is None
