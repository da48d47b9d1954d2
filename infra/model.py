"""The deployment as values: what each image and container is, and the names that follow from it.

Everything here is pure: settings and content digests in, frozen specifications out.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from infra.content import Context, digest
from infra.settings import Secret, Settings


@dataclass(frozen=True)
class Stack:
    """One stack of the project, whose folder on this machine is ``root``.

    ``environment`` is what kind of stack it is: dev, staging, production.
    """

    project: str
    name: str
    root: str
    environment: str

    def named(self, *parts: str) -> str:
        """Docker name of something of the stack: ``webstack-dev-flask``."""
        return "-".join([self.project, self.name, *parts])

    def volume(self, *parts: str) -> str:
        """Docker name of a volume: ``webstack-pr_17-shop-data``.

        A dash separates, and none is within a part, so that no two stacks or services share one.
        """
        escaped = self.name.replace(".", "..").replace("_", "._").replace("-", "_")
        return "-".join([self.project, escaped, *(part.replace("-", "_") for part in parts)])

    @property
    def labels(self) -> dict[str, str]:
        """Labels on everything of the stack."""
        return {"webstack.project": self.project, "webstack.stack": self.name}


@dataclass(frozen=True)
class Build:
    """How an image is made: ``context`` is a folder of the project."""

    context: str
    arguments: Mapping[str, str]


@dataclass(frozen=True)
class Image:
    """An image tagged by its content; one without ``build`` has to be there already."""

    name: str
    reference: str
    files: Mapping[str, str] = field(default_factory=dict)
    build: Build | None = None


@dataclass(frozen=True)
class Mount:
    """A volume, or in dev a folder of this machine, inside a container."""

    target: str
    volume: str | None = None
    folder: str | None = None
    read_only: bool = False


@dataclass(frozen=True)
class Health:
    """A health check; times in seconds.

    Docker starts a process for each, which takes more of the machine than an idle service does;
    a release asks for itself, and need not wait for it.
    """

    test: tuple[str, ...]
    interval: int = 30
    timeout: int = 5
    retries: int = 3
    start_period: int = 30


@dataclass(frozen=True)
class Published:
    """A port of a container on an address of the host."""

    address: str
    external: int
    internal: int


@dataclass(frozen=True)
class Container:
    """A hardened container; memory in MiB, grace in seconds.

    It has no network but the named ones: with none it is in no network at all.
    """

    name: str
    image: str
    user: str
    cpus: float
    memory: int
    pids: int
    grace: int
    command: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    networks: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()
    health: Health | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """Eight digits that stand for all of it; of a secret only its name and serial."""
        values = asdict(self)
        values["secrets"] = {
            name: [secret.setting, secret.serial] for name, secret in self.secrets.items()
        }
        return digest(values)


@dataclass(frozen=True)
class Replica:
    """One container of a service's release, and the socket of it that the proxy sees.

    One that speaks only TCP has a relay beside it, which listens on the socket for it.
    """

    resource: str
    container: Container
    socket: str
    relay: Container | None = None

    @property
    def pids(self) -> dict[str, int]:
        """How many processes each of its containers may have."""
        containers = [self.container, *([self.relay] if self.relay else [])]
        return {container.name: container.pids for container in containers}


@dataclass(frozen=True)
class Release:
    """A service as it shall run: ``id`` stands for everything that makes it."""

    service: str
    id: str
    image: Image
    replicas: tuple[Replica, ...]
    data: bool

    @property
    def secrets(self) -> Mapping[str, Secret]:
        """Its secret variables; all replicas have the same."""
        return self.replicas[0].container.secrets


def built_image(stack: Stack, name: str, build: Build, context: Context) -> Image:
    """The image of a build context: ``webstack/flask:3f9c2a71b0de``.

    Its repository has the name of the project, so that each project prunes its own images.
    """
    tag = digest([context.digest, dict(build.arguments)], length=12)
    return Image(name, f"{stack.project.lower()}/{name}:{tag}", context.files, build)


def user_id(service: str) -> int:
    """The numeric user (and group) of a service: its own, the same on every machine."""
    return 20_000 + zlib.crc32(service.encode()) % 10_000


def url(settings: Settings, service: str | None = None) -> str:
    """Where the stack, or one service of it, answers."""
    wanted = settings.services[service] if service else None
    if wanted and wanted.path is None:
        host, path = wanted.hosts[0], "/"
    else:
        host, path = settings.hosts[0], f"{(wanted.path or '/').rstrip('/')}/" if wanted else "/"
    port = "" if settings.port == 80 else f":{settings.port}"
    return f"http://{host}{port}{path}"
