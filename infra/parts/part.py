"""What a part of a stack is, as values: the parts differ, and are declared in one way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from infra.model.rollout_plan import ServiceRelease
from infra.model.specs import Container, Image
from infra.settings.sections import Secret
from proxy import RoutedService


@dataclass(frozen=True)
class Component:
    """The Pulumi component whose children the resources of a part are.

    Parts that name the same one share it. ``inputs`` are for whoever reviews a preview.
    """

    type: str
    name: str
    inputs: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PartVolume:
    """A volume by its Pulumi name and its Docker name.

    With a ``memory_of`` it is in memory, and belongs to that numeric user.
    """

    resource: str
    name: str
    memory_of: int | None = None
    protect: bool = False


@dataclass(frozen=True)
class PartSecret:
    """A secret of a part; ``resource`` names the one that the stack makes.

    Without a ``variable`` no container has it: it is only kept. ``restored`` is its value in a
    release that comes back.
    """

    secret: Secret
    resource: str
    variable: str | None = None
    restored: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class PartContainer:
    """A container by its Pulumi name; it is made ``after`` others, and goes before they do.

    One that is ``sealed`` has the secrets of its part. ``formerly`` are Pulumi names that it had.
    """

    resource: str
    container: Container
    after: tuple[str, ...] = ()
    sealed: bool = False
    formerly: tuple[str, ...] = ()


class Part(Protocol):
    """One part of a stack, such as a web service or the proxy.

    All that it has follows from values, so that it can be asked without a deployment.
    """

    @property
    def component(self) -> Component:
        """The component that it stands in."""

    @property
    def outlasts_releases(self) -> bool:
        """Whether it stays while releases come and go: then others may stand on it."""

    @property
    def base(self) -> Literal["python", "python-build"]:
        """The base image that its image is made from, or that it runs if it has none."""

    @property
    def image(self) -> Image | None:
        """The image that it is made of."""

    @property
    def volumes(self) -> Sequence[PartVolume]:
        """Its own volumes; each of its containers is made after all of them."""

    @property
    def uses(self) -> Sequence[str]:
        """Docker names of volumes of other parts that its containers need."""

    @property
    def secrets(self) -> Sequence[PartSecret]:
        """Its secrets, and those that are kept for it."""

    @property
    def containers(self) -> Sequence[PartContainer]:
        """Its containers in their order; the networks that each joins are part of its value."""

    @property
    def route(self) -> RoutedService | None:
        """What the proxy passes on to it, if anything."""

    @property
    def gate(self) -> ServiceRelease | None:
        """What has to be ready before users reach it, if they do."""
