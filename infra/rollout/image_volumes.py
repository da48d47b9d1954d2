"""Folders that an image declares as ``VOLUME``: writable, and thrown away with the container.

A container's file system is read-only but for what its settings name, so that nothing is kept by
accident and lost at the next release; a volume of the image's own would be just that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from infra.images.dockerfile import Made
from infra.model.specs import Container


def unnamed(inspected: Mapping[str, Any]) -> list[str]:
    """Give those of a container, as the daemon describes it, that its settings do not name."""
    declared = inspected["Config"].get("Volumes") or {}
    memory = inspected["HostConfig"].get("Tmpfs") or {}
    mounts = inspected["HostConfig"].get("Mounts") or ()
    binds = inspected["HostConfig"].get("Binds") or ()
    return _without(declared, {*memory, *(mount["Target"] for mount in mounts), *_targets(binds)})


def foreseen(
    made: Made, container: Container, of_image: Callable[[str], Iterable[str]]
) -> list[str]:
    """Give those that a container will have unnamed, by what its Dockerfile says.

    ``of_image`` tells the volumes of the image that the Dockerfile starts from.
    """
    inherited = of_image(made.base) if made.base else ()
    named = {*container.tmpfs, *(mount.target for mount in container.mounts)}
    return _without({*made.volumes, *inherited}, named)


def refusal(service: str, what: str, folders: Collection[str]) -> str:
    """Say in one line what is wrong with them, and the way out; ``what`` declares them."""
    listed = ", ".join(folders)
    return (
        f"webstack:services.{service}: its {what} declares the volume {listed}, whose "
        "content would be lost at each release; name the folder in volumes (kept) or in writable "
        "(in memory), or take VOLUME out of the image"
    )


def _without(folders: Iterable[str], named: Collection[str]) -> list[str]:
    return sorted(folder for folder in folders if folder.rstrip("/") not in named)


def _targets(binds: Iterable[str]) -> set[str]:
    """``source:target`` or ``source:target:options``; a source of this machine has no colon."""
    return {bind.split(":")[1] for bind in binds}
