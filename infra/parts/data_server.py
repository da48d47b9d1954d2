"""Describes a server that keeps what services need: PostgreSQL, or a Valkey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from infra.model.backups.database import KEY
from infra.model.data_servers import SOCKETS, USERS, DataServer, volume_names
from infra.model.specs import Image, Stack
from infra.parts.part import Component, Part, PartContainer, PartProvision, PartSecret, PartVolume
from infra.settings import needs
from infra.settings.types import Secret
from webstack.contract.role_names import CRON, full_name


@dataclass(frozen=True)
class DataServerPart(Part):
    """Describes one server of a fixed name. A change restarts it; its data outlives it."""

    stack: Stack
    made: DataServer
    outlasts_releases: ClassVar = True
    comes_first: ClassVar = True

    @property
    def component(self) -> Component:
        """Give the component of the server."""
        outputs = {"container": self.made.container.name}
        return Component("webstack:data:DataServer", self.made.name, None, outputs)

    @property
    def image(self) -> Image:
        """Give the image of the server."""
        return self.made.image

    @property
    def volumes(self) -> tuple[PartVolume, ...]:
        """Give the volume of its socket, in memory, and that of its data, protected."""
        name, user = self.made.name, USERS[self.made.name]
        return tuple(
            PartVolume(f"{name}-{kind}", volume, memory_of=user)
            if kind == SOCKETS
            else PartVolume(f"{name}-{kind}", volume, protect=True)
            for kind, volume in volume_names(self.stack, name).items()
        )

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give the container of the server, and the one that makes its backups."""
        own = PartContainer(self.made.name, self.made.container)
        if not self.made.keeper:
            return (own,)
        full = full_name(self.made.name, CRON)
        return (own, PartContainer(full, self.made.keeper, after=(self.made.name,), sealed=True))

    @property
    def secrets(self) -> tuple[PartSecret, ...]:
        """Give the key of its backups.

        Only the container that makes them has it. Without one, the command hands it over.
        """
        if self.made.name != needs.POSTGRES:
            return ()
        own = PartSecret(Secret(), f"{self.made.name}-backup-key", KEY)
        keeper = self.made.keeper
        others = {} if keeper is None else {**keeper.secrets}
        others.pop(KEY, None)
        return (own, *(PartSecret(each, name.lower(), name) for name, each in others.items()))

    @property
    def provision(self) -> PartProvision:
        """Give the commands that make what services need of it: databases, roles."""
        return PartProvision(f"{self.made.name}-provision", self.made.name, self.made.commands)
