"""Describes a server that keeps state, of any image with a port and volumes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from infra.model.specs import Image
from infra.model.stateful import SECRETS, StatefulServer
from infra.parts.part import (
    Component,
    Part,
    PartContainer,
    PartProvision,
    PartSecret,
    PartVolume,
    Ready,
)
from infra.settings.checks.stack import made_secret
from infra.settings.sections import Settings, set_values
from infra.settings.stateful import SECRETS_FOLDER


@dataclass(frozen=True)
class StatefulPart(Part):
    """Describes one server of a fixed name. A change restarts it; its data outlives it.

    ``tools`` is the image by which volumes are given to it.
    """

    settings: Settings
    made: StatefulServer
    tools: str
    outlasts_releases: ClassVar = True

    @property
    def component(self) -> Component:
        """Give the component of the server, with its settings."""
        inputs = set_values(self.settings.stateful[self.made.name])
        outputs = {"container": self.made.container.name}
        return Component("webstack:data:Stateful", self.made.name, inputs, outputs)

    @property
    def image(self) -> Image:
        """Give the image of the server."""
        return self.made.image

    @property
    def volumes(self) -> tuple[PartVolume, ...]:
        """Give the volumes of its data, protected, and the one of its secrets."""
        return tuple(
            PartVolume(f"{self.made.name}-{kind}", volume, protect=kind != SECRETS)
            for kind, volume in self.made.volumes.items()
        )

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give the container of the server."""
        return (PartContainer(self.made.name, self.made.container, sealed=True),)

    @property
    def secrets(self) -> tuple[PartSecret, ...]:
        """Give its secret variables, and the secrets that it has as files."""
        return tuple(self._secrets())

    @property
    def provision(self) -> PartProvision:
        """Give what comes before other parts use it: its secrets, its volumes, its health."""
        return PartProvision(
            f"{self.made.name}-provision",
            self.made.name,
            (),
            Ready(self.made.health, self.made.start_timeout, self.tools),
            {f"{SECRETS_FOLDER}/{name}": self._shared(name) for name in self.made.files},
            self.made.network,
        )

    def _secrets(self) -> Iterator[PartSecret]:
        for name, secret in {**self.made.container.secrets, **self.made.files}.items():
            yield PartSecret(
                secret,
                made_secret(self.made.name, name),
                name if name in self.made.container.secrets else None,
                shared_as=self._shared(name),
            )

    def _shared(self, secret: str) -> str:
        return f"{self.made.name}.{secret}"
