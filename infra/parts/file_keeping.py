"""Describes what makes backups of the files that a service or a server keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from infra.model.backups.files import FileKeeper
from infra.model.specs import Image
from infra.parts.part import (
    Component,
    Part,
    PartContainer,
    PartProvision,
    PartSecret,
    PartVolume,
    Ready,
)
from webstack.contract.container_paths import CRON_STATUS

_SECONDS = 60


@dataclass(frozen=True)
class FileKeeping(Part):
    """Describes one container that stays while releases come and go, after what it keeps.

    ``tools`` is the image by which its volume is given to it.
    """

    made: FileKeeper
    tools: str
    keeps_names: ClassVar = True
    comes_first: ClassVar = True

    @property
    def component(self) -> Component:
        """Give its component."""
        outputs = {"container": self.made.container.name}
        return Component("webstack:data:FileBackup", self.made.name, None, outputs)

    @property
    def image(self) -> Image:
        """Give its image, which all of them share."""
        return self.made.image

    @property
    def volumes(self) -> tuple[PartVolume, ...]:
        """Give the volume of the backups, protected."""
        return (PartVolume(f"{self.made.owner}-backup-files", self.made.volume, protect=True),)

    @property
    def uses(self) -> tuple[str, ...]:
        """Give the volumes that it makes backups of."""
        return self.made.kept

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give the container."""
        return (PartContainer(self.made.name, self.made.container, sealed=True),)

    @property
    def secrets(self) -> tuple[PartSecret, ...]:
        """Give the key of its backups, and those of the bucket; nobody else has them."""
        owner = self.made.owner
        own = self.made.container.secrets
        return tuple(
            PartSecret(each, f"{owner}-files-backup-key" if each.setting is None else name, name)
            for name, each in own.items()
        )

    @property
    def provision(self) -> PartProvision:
        """Give what has to be before it works: that it may write to its volume, and runs."""
        running = Ready(("test", "-s", CRON_STATUS), _SECONDS, self.tools)
        return PartProvision(f"{self.made.name}-provision", self.made.name, (), running)
