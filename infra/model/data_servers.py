"""The servers that keep what services need: PostgreSQL and Valkey as values.

None of them is in a network. Each listens on a unix socket in a folder of its own, which only the
services that need it have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from infra.model.backups.database import keeper
from infra.model.container_arguments import labelled
from infra.model.specs import (
    Container,
    Health,
    Image,
    Mount,
    Network,
    Stack,
    in_memory,
    private_network,
)
from infra.model.specs import networks as stack_networks
from infra.model.tuning import shared_memory, tuning
from infra.settings import needs
from infra.settings.data_servers import Postgres, Valkey
from infra.settings.sections import Settings
from infra.settings.users import user_id
from webstack.contract.container_paths import SHARED_MEMORY, TEMPORARY

FOLDERS = {
    needs.POSTGRES: "infra/images/postgres",
    needs.VALKEY: "infra/images/valkey",
    needs.BROKER: "infra/images/valkey",
}
"""The folder of the project that the image of each server is built from."""
USERS = {needs.POSTGRES: 10200, needs.VALKEY: 10300, needs.BROKER: 10300}
SOCKETS = "sockets"
PORT = 6379
"""Where a Valkey listens in its network."""
_VALKEY_DATA = "/var/lib/valkey"
_TARGETS = {
    needs.POSTGRES: {
        SOCKETS: "/run/postgresql",
        "data": "/var/lib/postgresql",
        "backups": "/var/lib/pgbackrest",
    },
    needs.VALKEY: {SOCKETS: "/run/valkey"},
    needs.BROKER: {SOCKETS: "/run/valkey", "data": _VALKEY_DATA},
}
"""Where the volumes of each server are mounted; all but the sockets keep what is in them."""
_VALKEY_SETTINGS = "/etc/valkey/webstack.conf"
"""What no word can say: pulumi-docker refuses one that is empty, as `--save ""` needs it."""
_VALKEY_SOCKET = "/run/valkey/valkey.sock"
_RECOVERY = 300
"""Seconds that a start after a crash may take."""
_PROCESSES_BESIDE = 32
"""Processes of PostgreSQL that are no session, and those of a backup, a shell, a health check."""
_VALKEY_PIDS = 64
_GIVES_BACK = {"MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0,narenas:1"}
"""Memory that is free goes back at once: kept for ten seconds, it was what a full cache died of."""


@dataclass(frozen=True)
class DataServer:
    """One server: its image, its container, and the commands that are run in it once it runs.

    ``commands`` make what services need of it, in their order. They may run again at any time. The
    ``keeper`` makes its backups, where they have a schedule.
    """

    name: str
    image: Image
    container: Container
    commands: tuple[tuple[str, ...], ...] = field(default=())
    keeper: Container | None = None

    @property
    def containers(self) -> list[Container]:
        """Give the container of the server, and that of its backups."""
        return [self.container, *([self.keeper] if self.keeper else [])]


def build_arguments(settings: Settings, name: str, python: str) -> dict[str, str]:
    """Give the build arguments of a server's image; ``python`` is the image that it starts from."""
    given = {"PYTHON": python, "UID": str(USERS[name])}
    postgres = needs.postgres_of(settings)
    if name == needs.POSTGRES and postgres and postgres.packages:
        given["EXTENSIONS"] = " ".join(postgres.packages)
    return given


def data_servers(
    stack: Stack, settings: Settings, image: Callable[[str], Image]
) -> tuple[DataServer, ...]:
    """Give the servers that the settings ask for; ``image`` gives the image of each by its name."""
    return tuple(_made(stack, settings, image))


def volume_names(stack: Stack, server: str) -> dict[str, str]:
    """Give the Docker names of a server's volumes, by what they hold.

    No service has the name of a server, so no service has these volumes.
    """
    return {kind: stack.volume(server, kind) for kind in _TARGETS[server]}


def networks(stack: Stack, settings: Settings) -> tuple[Network, ...]:
    """Give the networks of the servers that listen in one."""
    return tuple(private_network(stack, name) for name in needs.in_networks(settings))


def _made(stack: Stack, settings: Settings, image: Callable[[str], Image]) -> Iterator[DataServer]:
    for name in needs.servers(settings):
        if name == needs.POSTGRES:
            yield _postgres(stack, settings, needs.postgres_of(settings) or Postgres(), image(name))
        else:
            yield _valkey(stack, name, needs.valkey_of(settings, name), image(name))


def _postgres(stack: Stack, settings: Settings, wanted: Postgres, image: Image) -> DataServer:
    name, user = needs.POSTGRES, USERS[needs.POSTGRES]
    own = [word for pair in tuning(wanted).items() for word in ("-c", "=".join(pair))]
    container = _container(
        stack,
        name,
        image,
        wanted,
        command=("webstack-postgres", *own),
        pids=wanted.most_connections + _PROCESSES_BESIDE,
        health=Health(("CMD", "pg_isready", "-q"), start_period=_RECOVERY),
        grace=60,
        networks=_way_out(stack, wanted),
    )
    shared = in_memory(user, shared_memory(wanted.memory))
    container = replace(container, tmpfs={**container.tmpfs, SHARED_MEMORY: shared})
    services = [f"{each}:{user_id(each)}" for each in needs.needing(settings, name)]
    extensions = ",".join(wanted.extensions)
    provide = ("webstack-provision", str(_RECOVERY), extensions, *services)
    own_keeper = keeper(stack, wanted, wanted.backups, name, container) if wanted.backups else None
    kept = labelled(own_keeper) if own_keeper else None
    return DataServer(name, image, labelled(container), (provide,), kept)


def _way_out(stack: Stack, wanted: Postgres) -> tuple[str, ...]:
    """Give a server a way out for its log of changes; it listens on its socket alone."""
    edge, _ = stack_networks(stack)
    return (edge.name,) if wanted.backups and wanted.backups.s3 else ()


def _valkey(stack: Stack, name: str, wanted: Valkey, image: Image) -> DataServer:
    """Describe Valkey: a cache forgets what was used least, a broker refuses new entries.

    Half of a broker's memory is for writing all of it down anew beside those who use it. A cache
    needs more than half for itself: what it forgets leaves holes that larger values do not fit in.
    """
    keeps = name == needs.BROKER
    share = 50 if keeps else 45
    own = {
        "port": str(PORT if wanted.tcp else 0),
        # Nobody is in its network but those who need it: there is no password.
        **({"protected-mode": "no"} if wanted.tcp else {}),
        "unixsocket": _VALKEY_SOCKET,
        "unixsocketperm": "777",
        "dir": _VALKEY_DATA if keeps else TEMPORARY,
        "appendonly": "yes" if keeps else "no",
        "appendfsync": "everysec",
        "maxmemory": f"{wanted.memory * share // 100}mb",
        "maxmemory-policy": "noeviction" if keeps else "allkeys-lru",
    }
    words = [word for key, value in own.items() for word in (f"--{key}", value)]
    ask = ("valkey-cli", "-e", "-s", _VALKEY_SOCKET, "ping")
    container = _container(
        stack,
        name,
        image,
        wanted,
        command=("valkey-server", _VALKEY_SETTINGS, *words),
        environment=_GIVES_BACK,
        networks=(private_network(stack, name).name,) if wanted.tcp else (),
        pids=_VALKEY_PIDS,
        health=Health(("CMD", *ask), start_period=_RECOVERY),
        grace=30,
    )
    wait = f"until {' '.join(ask)} 2>/dev/null | grep -q PONG; do sleep 0.1; done"
    return DataServer(
        name, image, labelled(container), (("timeout", str(_RECOVERY), "sh", "-c", wait),)
    )


def _container(
    stack: Stack,
    name: str,
    image: Image,
    wanted: Postgres | Valkey,
    *,
    command: tuple[str, ...],
    pids: int,
    health: Health,
    grace: int,
    environment: Mapping[str, str] | None = None,
    networks: tuple[str, ...] = (),
) -> Container:
    user, targets = USERS[name], _TARGETS[name]
    return Container(
        name=stack.named(name),
        image=image.reference,
        user=f"{user}:{user}",
        cpus=wanted.cpus,
        memory=wanted.memory,
        pids=pids,
        grace=grace,
        command=command,
        environment=environment or {},
        networks=networks,
        mounts=tuple(
            Mount(targets[kind], volume=volume)
            for kind, volume in volume_names(stack, name).items()
        ),
        tmpfs={TEMPORARY: in_memory(user, 64)},
        health=health,
        labels={**stack.labels, "webstack.role": name},
    )
