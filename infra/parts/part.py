"""Describes the parts of a stack as values, so that different parts are declared in one way."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from infra.model.rollout_plan import RoleRelease, ServiceRelease
from infra.model.specs import Container, Image
from infra.settings.types import Secret
from proxy import RoutedService


@dataclass(frozen=True)
class Component:
    """Describes the Pulumi component that has the resources of a part as its children.

    Parts that name the same component share it, and with it the image and the secrets of earlier
    parts. ``inputs`` are shown to whoever reviews a preview.
    """

    type: str
    name: str
    inputs: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PartVolume:
    """Describes a volume by its Pulumi name and its Docker name.

    With a ``memory_of`` it is in memory, of so many MiB, and belongs to that numeric user.
    """

    resource: str
    name: str
    memory_of: int | None = None
    memory: int = 1
    protect: bool = False


@dataclass(frozen=True)
class PartSecret:
    """Describes a secret of a part; ``resource`` names the one that the stack makes.

    Without a ``variable`` no container has it: it is only kept. ``restored`` is its value in a
    release that comes back. Other parts take it by the name that it is ``shared_as``.
    """

    secret: Secret
    resource: str
    variable: str | None = None
    restored: str | None = field(default=None, repr=False)
    shared_as: str | None = None


@dataclass(frozen=True)
class PartContainer:
    """Describes a container by its Pulumi name.

    It is made ``after`` others, and removed before they are. With ``sealed`` it has the secrets of
    its part. ``formerly`` are Pulumi names that it had earlier.
    """

    resource: str
    container: Container
    after: tuple[str, ...] = ()
    sealed: bool = False
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ready:
    """Describes when a container is ready: ``command`` succeeds in it, within so many seconds.

    Volumes that it cannot write to are given to it before, by the image ``tools``.
    """

    command: Sequence[str]
    seconds: int
    tools: str


@dataclass(frozen=True)
class PartProvision:
    """Describes commands that run in a container of a part, named by its Pulumi name.

    They run once the container runs, and may run again at any time. Whoever uses a volume of the
    part, or its ``network``, waits for them, and until ``ready`` says that the container is.
    ``files`` are put into the container before it starts: paths, each with the name that its secret
    is shared as.
    """

    resource: str
    container: str
    commands: Sequence[Sequence[str]]
    ready: Ready | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    network: str | None = None


class Part(Protocol):
    """Describes one part of a stack, such as a web service or the proxy.

    A part derives from this class. It gives its component, its containers, and what else it has of
    the following, each as a property. A field of a dataclass would not do: it would take the
    property of this class as its default. All of a part follows from values, so that it can be
    asked without a deployment.
    """

    @property
    @abstractmethod
    def component(self) -> Component:
        """Give the component that the part belongs to."""

    @property
    @abstractmethod
    def containers(self) -> Sequence[PartContainer]:
        """Give the containers of the part, in their order.

        The networks that each joins are part of its value.
        """

    @property
    def outlasts_releases(self) -> bool:
        """Tell whether it stays while releases come and go: then others may need it."""
        return False

    @property
    def keeps_names(self) -> bool:
        """Tell whether its containers have the same names for ever, so that a change restarts."""
        return self.outlasts_releases

    @property
    def comes_first(self) -> bool:
        """Tell whether it keeps data that may be brought back before anything else is there."""
        return False

    @property
    def base(self) -> Literal["python", "python-service-build"]:
        """Give the base image that its image is made from, or that it runs if it has none."""
        return "python"

    @property
    def image(self) -> Image | None:
        """Give the image that is built for the part."""
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
        """Give the commands that must run in it before other parts use it, if any."""
        return None

    @property
    def route(self) -> RoutedService | None:
        """Give what the proxy passes on to the part, if anything."""
        return None

    @property
    def gate(self) -> ServiceRelease | None:
        """Give what has to be ready before users reach the part, if they do."""
        return None

    @property
    def role(self) -> RoleRelease | None:
        """Give what the release starts and must see run, if the part serves nobody itself."""
        return None
