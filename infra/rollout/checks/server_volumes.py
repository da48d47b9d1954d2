"""Lets a server write to its volumes before it starts, and refuses what it would lose."""

from __future__ import annotations

from typing import Protocol

from infra.daemon.failures import ContainerError
from infra.rollout.checks import image_volumes, unwritable_volumes
from infra.rollout.running_containers import RunningContainers
from infra.settings.stateful import SECRETS_FOLDER


class GivesVolumes(RunningContainers, Protocol):
    """Works on containers, and gives volumes to users."""

    def give_by(self, image: str, volume: str, user: int) -> None:
        """Make a user the owner of a volume, with an image that has `chown`."""


def settle(containers: GivesVolumes, name: str, tools: str) -> None:
    """Give a server's empty volumes to it, by the image ``tools``.

    Raises ContainerError for a volume with files that it cannot write to, and for one that only the
    image declares: what is in that goes at each restart.
    """
    found = containers.inspected(name)
    if lost := image_volumes.unnamed(found):
        own = found["Config"]["Labels"]["webstack.role"]
        image = f"image {found['Config']['Image']}"
        raise ContainerError(image_volumes.refusal(own, image, lost, "stateful"))
    for path in unwritable_volumes.mounted(found):
        folder = containers.folder(name, path)
        if path == SECRETS_FOLDER or not folder or unwritable_volumes.can_write(folder, found):
            continue
        if not folder.is_empty:
            raise ContainerError(
                f"{name} cannot write to {path}, which has files of another user; give it to it: "
                f"{unwritable_volumes.command(path, found)}"
            )
        volume, user = unwritable_volumes.volume_at(path, found)
        containers.give_by(tools, volume, user)
