"""What a part of a stack is, as values: the parts differ, and are declared in one way."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from infra.model.rollout_plan import RoleRelease, ServiceRelease
from infra.model.specs import Container, Image
from infra.settings.sections import Secret
from proxy import RoutedService


@dataclass(frozen=True)
class Component:
    """The Pulumi component whose children the resources of a part are.

    Parts that name the same one share it, and with it the image and the secrets of those before
    them. ``inputs`` are for whoever reviews a preview.
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


@dataclass(frozen=True)
class PartProvision:
    """Commands in a container of a part, by its Pulumi name, once it runs.

    Whoever uses a volume of the part waits for them. They may run again at any time.
    """

    resource: str
    container: str
    commands: Sequence[Sequence[str]]


class Part(Protocol):
    """One part of a stack, such as a web service or the proxy.

    A part derives from this, and says its component, its containers, and whatever else of this it
    has, by properties: a field of a dataclass would take the property here for its default. All
    that it has follows from values, so that it can be asked without a deployment.
    """

    @property
    @abstractmethod
    def component(self) -> Component:
        """Give the component that it stands in."""

    @property
    @abstractmethod
    def containers(self) -> Sequence[PartContainer]:
        """Give its containers in their order.

        The networks that each joins are part of its value.
        """

    @property
    def outlasts_releases(self) -> bool:
        """Whether it stays while releases come and go: then others may stand on it."""
        return False

    @property
    def base(self) -> Literal["python", "python-service-build"]:
        """Give the base image that its image is made from, or that it runs if it has none."""
        return "python"

    @property
    def image(self) -> Image | None:
        """Give the image that is built for it."""
        return None

    @property
    def volumes(self) -> Sequence[PartVolume]:
        """Give its own volumes; each of its containers is made after all of them."""
        return ()

    @property
    def uses(self) -> Sequence[str]:
        """Give the Docker names of volumes of other parts that its containers need."""
        return ()

    @property
    def secrets(self) -> Sequence[PartSecret]:
        """Give its secrets, and those that are kept for it."""
        return ()

    @property
    def provision(self) -> PartProvision | None:
        """Give what has to be done in it before other parts stand on it, if anything."""
        return None

    @property
    def route(self) -> RoutedService | None:
        """Give what the proxy passes on to it, if anything."""
        return None

    @property
    def gate(self) -> ServiceRelease | None:
        """Give what has to be ready before users reach it, if they do."""
        return None

    @property
    def role(self) -> RoleRelease | None:
        """Give what the release starts and sees run, if it serves nobody itself."""
        return None
