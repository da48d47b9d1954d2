"""Describes the keeper of certificates: it orders and renews them, and nginx reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from infra.model.certificate_keeper import NAME, CertificateKeeper
from infra.model.specs import Image, Stack
from infra.parts.part import Component, Part, PartContainer, PartSecret, PartVolume


@dataclass(frozen=True)
class CertificateKeeping(Part):
    """Orders certificates, while releases come and go; its account and its keys are protected."""

    stack: Stack
    made: CertificateKeeper
    outlasts_releases: ClassVar = True
    base: ClassVar = "python-service-build"

    @property
    def component(self) -> Component:
        """Give its component, with what it is told."""
        return Component(
            "webstack:certificates:Certificates", NAME, dict(self.made.container.environment)
        )

    @property
    def image(self) -> Image | None:
        """Give its image."""
        return self.made.image

    @property
    def volumes(self) -> tuple[PartVolume, ...]:
        """Give the volume of its account and its keys."""
        name = self.stack.volume(NAME, "account")
        return (PartVolume(f"{NAME}-account", name, protect=True),)

    @property
    def secrets(self) -> tuple[PartSecret, ...]:
        """Give the variables of the hook that proves hosts by DNS."""
        secrets = self.made.container.secrets.items()
        return tuple(PartSecret(each, f"{NAME}-{name.lower()}", name) for name, each in secrets)

    @property
    def uses(self) -> tuple[str, ...]:
        """Give the volume that nginx reads."""
        return (self.stack.volume("proxy", "certificates"),)

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give the one that orders."""
        sealed = bool(self.made.container.secrets)
        return (PartContainer(NAME, self.made.container, sealed=sealed),)
