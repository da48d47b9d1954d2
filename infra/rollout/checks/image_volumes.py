"""Finds folders that an image declares as ``VOLUME``: writable, and lost with the container.

A container may write only to the folders that its settings name, so that nothing is kept by
accident and lost at the next release. A volume that only the image declares would be just that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from infra.images.dockerfile import Made
from infra.model.specs import Container


def unnamed(inspected: Mapping[str, Any]) -> list[str]:
    """List the volumes of a container's image that its settings do not name.

    ``inspected`` is the container as the daemon describes it.
    """
    declared = inspected["Config"].get("Volumes") or {}
    memory = inspected["HostConfig"].get("Tmpfs") or {}
    mounts = inspected["HostConfig"].get("Mounts") or ()
    binds = inspected["HostConfig"].get("Binds") or ()
    return _without(declared, {*memory, *(mount["Target"] for mount in mounts), *_targets(binds)})


def foreseen(
    made: Made, container: Container, of_image: Callable[[str], Iterable[str]]
) -> list[str]:
    """List the volumes of a future container that its settings do not name, by its Dockerfile.

    ``of_image`` tells the volumes of the image that the Dockerfile starts from.
    """
    inherited = of_image(made.base) if made.base else ()
    named = {*container.tmpfs, *(mount.target for mount in container.mounts)}
    return _without({*made.volumes, *inherited}, named)


def refusal(name: str, what: str, folders: Collection[str], section: str = "services") -> str:
    """Say in one line why these folders are refused, and what to do.

    ``what`` declares them, an image of ``name`` in this section of the settings.
    """
    listed = ", ".join(folders)
    return (
        f"webstack:{section}.{name}: its {what} declares the volume {listed}, whose "
        "content would be lost at each release; name the folder in volumes (kept) or in writable "
        "(in memory), or take VOLUME out of the image"
    )


def _without(folders: Iterable[str], named: Collection[str]) -> list[str]:
    return sorted(folder for folder in folders if folder.rstrip("/") not in named)


def _targets(binds: Iterable[str]) -> set[str]:
    """Take the target of each ``source:target`` or ``source:target:options``.

    A source of this machine has no colon.
    """
    return {bind.split(":")[1] for bind in binds}
