"""The deployment as values: each image and container, and the names that follow from it.

Everything here is pure: settings and content digests in, frozen specifications out.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from infra.images.content import Context, digest
from infra.settings.sections import Settings
from infra.settings.types import Secret

SOCKETS_IN_SERVICE = "/run/webstack"
STOP_MARGIN = 5
"""Seconds that a container gets on top of its own grace time before it is killed."""
_WITHOUT_GATEWAY = {"com.docker.network.bridge.inhibit_ipv4": "true"}


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
        """Give a Docker name to something of the stack: ``webstack-dev-flask``."""
        return "-".join([self.project, self.name, *parts])

    def volume(self, *parts: str) -> str:
        """Give the Docker name of a volume: ``webstack-pr_17-shop-data``.

        Parts are separated by dashes and have none inside. So no two stacks or services share a
        name.
        """
        escaped = self.name.replace(".", "..").replace("_", "._").replace("-", "_")
        return "-".join([self.project, escaped, *(part.replace("-", "_") for part in parts)])

    @property
    def labels(self) -> dict[str, str]:
        """Give the labels that everything of the stack has."""
        return {"webstack.project": self.project, "webstack.stack": self.name}


@dataclass(frozen=True)
class Build:
    """The making of an image: ``context`` is a folder of the project.

    ``dockerfile`` is a file of the project; it is None for the one in the context.
    """

    context: str
    arguments: Mapping[str, str]
    dockerfile: str | None = None
    target: str | None = None


@dataclass(frozen=True)
class Image:
    """An image tagged by its content; one without ``build`` has to be there already.

    One that is ``pulled`` is pulled from its registry where it is not there. ``migrations`` are
    those among its files, each with what is judged of it.
    """

    name: str
    reference: str
    files: Mapping[str, str] = field(default_factory=dict)
    build: Build | None = None
    pulled: bool = False
    migrations: Mapping[str, str] = field(default_factory=dict)


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

    Docker starts a process for each check, which takes more of the machine than an idle service
    does. A release asks for itself, and need not wait for Docker's check.
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
class Network:
    """A network of the stack; its name carries its content, so none is ever changed in place.

    ``options`` are those of Docker's bridge driver. An ``internal`` network has no way out.
    """

    resource: str
    name: str
    internal: bool
    driver: str
    options: Mapping[str, str]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Container:
    """A hardened container; memory in MiB, grace in seconds.

    It is in the named networks alone; with none it is in no network at all. What all containers
    have in common stands here as values too. So the name of each stands for it, and the record of a
    release holds it. A container that is ``started_by_release`` is only made beforehand. In its
    networks it is known by its ``aliases``, too.
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
    read_only: bool = True
    dropped_capabilities: tuple[str, ...] = ("ALL",)
    security_options: tuple[str, ...] = ("no-new-privileges:true",)
    log_driver: str = "json-file"
    log_options: Mapping[str, str] = field(
        default_factory=lambda: {"max-size": "10m", "max-file": "3"}
    )
    restart: str = "unless-stopped"
    groups: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    started_by_release: bool = False

    @property
    def network_mode(self) -> str:
        """Give Docker's word for the network that it starts in, before it joins its networks."""
        return "bridge" if self.networks else "none"


@dataclass(frozen=True)
class Replica:
    """One container of a service's release, and its socket that the proxy sees.

    A container that speaks only TCP has a relay beside it, which listens on the socket for it.
    """

    resource: str
    container: Container
    socket: str
    relay: Container | None = None

    @property
    def containers(self) -> list[Container]:
        """Give all containers of the replica: its own, and its relay if it has one."""
        return [self.container, *([self.relay] if self.relay else [])]

    @property
    def pids(self) -> dict[str, int]:
        """Give how many processes each of its containers may have."""
        return {container.name: container.pids for container in self.containers}


@dataclass(frozen=True)
class RoleSpec:
    """A role of a service as it shall run: its containers by their Pulumi names.

    ``id`` stands for everything that makes it.
    """

    role: str
    id: str
    containers: Mapping[str, Container]


@dataclass(frozen=True)
class ServiceSpec:
    """A service as it shall run: ``id`` stands for everything that makes its replicas.

    ``volumes`` are the names of the volumes that it keeps beside its ``data``. A record that an
    earlier version wrote has no ``volumes`` and no ``roles``.
    """

    service: str
    id: str
    image: Image
    replicas: tuple[Replica, ...]
    data: bool
    roles: tuple[RoleSpec, ...] = ()
    volumes: tuple[str, ...] = ()

    @property
    def containers(self) -> list[Container]:
        """Give all containers of the service, with its relays and roles."""
        return [
            *(container for replica in self.replicas for container in replica.containers),
            *(container for role in self.roles for container in role.containers.values()),
        ]

    @property
    def secrets(self) -> Mapping[str, Secret]:
        """Give the secret variables of the service; all replicas have the same."""
        return self.replicas[0].container.secrets


def built_image(stack: Stack, name: str, build: Build, context: Context) -> Image:
    """Give the image of a build context: ``webstack/flask:3f9c2a71b0de``.

    Its repository has the name of the project, so that each project prunes its own images.
    """
    target = [build.target] if build.target else []
    tag = digest([context.digest, dict(build.arguments), *target], length=12)
    reference = f"{stack.project.lower()}/{name}:{tag}"
    return Image(name, reference, context.files, build, migrations=context.migrations)


def in_memory(user: int, size: int) -> str:
    """Give the options of a writable folder in memory: ``size`` MiB, owned by ``user``.

    Without an owner such a folder is root's after a restart, wherever the image lacks it.
    """
    return f"rw,nosuid,nodev,noexec,uid={user},gid={user},mode=0755,size={size}m"


def networks(stack: Stack) -> tuple[Network, Network]:
    """Give ``edge``, from which the proxy publishes, and ``internal``, which has no way out.

    The bridge of ``internal`` has no address. Through the address of its gateway, a container could
    otherwise reach whatever listens on all addresses of the host.
    """
    edge = Network("edge", "", False, "bridge", {}, stack.labels)
    return named_network(stack, edge), private_network(stack, "internal")


def private_network(stack: Stack, name: str) -> Network:
    """Give a network that only its containers reach: the machine has no address in it."""
    return named_network(stack, Network(name, "", True, "bridge", _WITHOUT_GATEWAY, stack.labels))


def named_network(stack: Stack, network: Network) -> Network:
    """Give a network the names that it is known by: they carry its content."""
    resource = f"{network.resource}-{digest(asdict(network))}"
    return replace(network, resource=resource, name=stack.named(resource))


def group_id(release: str, replica: int) -> int:
    """Compute the numeric group of one container.

    By this group the proxy knows who listens on the container's socket. Containers of a service
    share its user, for the sake of its data. By the user alone, one could put a listener of its own
    in the place of another's. But no container can take on the group of another.
    """
    return 30_000 + (zlib.crc32(release.encode()) + replica) % 30_000


def one_of(hosts: Sequence[str]) -> str:
    """Name a host that is served: the first that is no wildcard, else one below the first."""
    named = (host for host in hosts if not host.startswith("*."))
    return next(named, hosts[0].replace("*", "www", 1))


def url(settings: Settings, service: str | None = None) -> str:
    """Give the URL where the stack, or one service of it, answers."""
    wanted = settings.services[service] if service else None
    if wanted and wanted.path is None:
        host, path = one_of(wanted.hosts), "/"
    else:
        path = f"{(wanted.path or '/').rstrip('/')}/" if wanted else "/"
        host = one_of(settings.hosts)
    tls = settings.https
    scheme, port = ("https", tls.published(settings.port)) if tls else ("http", settings.port)
    shown = "" if port == {"http": 80, "https": 443}[scheme] else f":{port}"
    return f"{scheme}://{host}{shown}{path}"
