"""Describes what counts requests: it reads what nginx tells of them, and keeps the counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from infra.model.observe.metrics import Metrics
from infra.model.specs import Image, Stack
from infra.parts.listener import certificates_volume, links_volume, requests_volume
from infra.parts.part import Component, Part, PartContainer, PartSecret, PartVolume
from infra.settings.observe import METRICS


@dataclass(frozen=True)
class Metering(Part):
    """Counts requests while releases come and go; while it restarts, what nginx tells is kept."""

    stack: Stack
    made: Metrics
    outlasts_releases: ClassVar = True

    @property
    def component(self) -> Component:
        """Give its component."""
        return Component("webstack:observe:Metrics", METRICS)

    @property
    def image(self) -> Image | None:
        """Give its image."""
        return self.made.image

    @property
    def volumes(self) -> tuple[PartVolume, ...]:
        """Give the volume of what it has counted."""
        return (PartVolume(f"{METRICS}-store", self.stack.volume(METRICS, "store")),)

    @property
    def uses(self) -> tuple[str, ...]:
        """Give the volumes of what nginx tells, and of the links to releases."""
        read = {each.volume for each in self.made.container.mounts}
        certificates = [each for each in [certificates_volume(self.stack)] if each in read]
        return (requests_volume(self.stack), links_volume(self.stack), *certificates)

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give the one that counts."""
        return (PartContainer(METRICS, self.made.container, sealed=True),)

    @property
    def secrets(self) -> tuple[PartSecret, ...]:
        """Give the secret settings that it uses."""
        own = self.made.container.secrets.items()
        return tuple(PartSecret(each, name.lower().replace("_", "-"), name) for name, each in own)
