"""Volumes that nothing was ever written to, as far as the Docker daemon can say so."""

from __future__ import annotations

import tarfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from webstack.docker.container_folder import read_folder
from webstack.docker.errors import DaemonError

_FOLDER = "/volume"


def unwritten(api: Any, volumes: Collection[str]) -> set[str]:
    """Give those volumes that hold no file, folder or link.

    One of which the daemon does not tell that counts as written.
    """
    return {name for name in volumes if _holds_nothing(api, name)}


def _holds_nothing(api: Any, volume: str) -> bool:
    with suppress(DaemonError, OSError, tarfile.TarError):
        api.inspect_volume(volume)  # one that is named and not there would be made
        with _mounted(api, volume) as (container, folder):
            found = read_folder(api, container, folder)
            return found is not None and found.is_empty
    return False


@contextmanager
def _mounted(api: Any, volume: str) -> Iterator[tuple[str, str]]:
    """Find a container that has the volume, and where; else make one that never starts."""
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
