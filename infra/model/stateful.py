"""Servers that keep state, of any image, as values: restarted at a change, and never rolled.

Each is in a network of its own, with the services that need it and nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.model.container_arguments import labelled
from infra.model.specs import (
    STOP_MARGIN,
    Container,
    Health,
    Image,
    Mount,
    Network,
    Stack,
    in_memory,
    private_network,
)
from infra.settings.sections import Settings
from infra.settings.stateful import SECRETS_FOLDER, Stateful, variables
from infra.settings.types import Secret
from infra.settings.users import user_id
from webstack.contract.container_paths import TEMPORARY

SECRETS = "secrets"
_HEALTH_TIMEOUT = 10


@dataclass(frozen=True)
class StatefulServer:
    """One server: its image, container, volumes by what they hold, and what it waits for.

    ``files`` are its secrets as files, by name. ``health`` succeeds in the container once it
    answers, within so many seconds of ``start_timeout``.
    """

    name: str
    image: Image
    container: Container
    volumes: Mapping[str, str]
    health: tuple[str, ...]
    start_timeout: int
    files: Mapping[str, Secret] = field(default_factory=dict)

    @property
    def network(self) -> str:
        """Give the name of its network."""
        return self.container.networks[0]


def stateful_servers(
    stack: Stack, settings: Settings, image: Callable[[str], Image]
) -> tuple[StatefulServer, ...]:
    """Give the servers that the settings declare; ``image`` gives the image of each by its name."""
    return tuple(
        _server(stack, name, wanted, image(name))
        for name, wanted in sorted(settings.stateful.items())
    )


def stateful_networks(stack: Stack, settings: Settings) -> tuple[Network, ...]:
    """Give a network for each server, without a way out."""
    return tuple(network(stack, name) for name in sorted(settings.stateful))


def network(stack: Stack, name: str) -> Network:
    """Give the network of one server; its name carries its content."""
    return private_network(stack, f"stateful-{name}")


def access(name: str, wanted: Stateful) -> dict[str, str]:
    """Give the variables by which a service finds a server: its host, and its port."""
    host, port = variables(name)
    return {host: name, port: str(wanted.port)}


def shared_secret(settings: Settings, secret: Secret) -> Secret:
    """Give a secret with the serial of the one that it is, where it is another's."""
    if secret.of is None:
        return secret
    name, _, variable = secret.of.partition(".")
    return Secret(serial=settings.stateful[name].secrets[variable].serial, of=secret.of)


def _server(stack: Stack, name: str, wanted: Stateful, image: Image) -> StatefulServer:
    user = wanted.user or user_id(name)
    kinds = [*wanted.volumes, *([SECRETS] if wanted.secret_files else [])]
    volumes = {kind: stack.volume(name, kind) for kind in kinds}
    folders = {**wanted.volumes, SECRETS: SECRETS_FOLDER}
    container = Container(
        name=stack.named(name),
        image=image.reference,
        user=f"{user}:{user}",
        cpus=wanted.cpus,
        memory=wanted.memory,
        pids=wanted.pids,
        grace=wanted.grace + STOP_MARGIN,
        command=wanted.command,
        environment={"HOME": TEMPORARY, **wanted.environment},
        secrets=wanted.secret_environment,
        mounts=tuple(Mount(folders[kind], volume=volume) for kind, volume in volumes.items()),
        tmpfs={
            folder: in_memory(user, size)
            for folder, size in {TEMPORARY: 64, **wanted.writable}.items()
        },
        networks=(network(stack, name).name,),
        aliases=(name,),
        health=Health(
            ("CMD", *wanted.health), timeout=_HEALTH_TIMEOUT, start_period=wanted.start_timeout
        ),
        labels={**stack.labels, "webstack.role": name},
        started_by_release=True,
    )
    files = {each: secret.serial for each, secret in wanted.secret_files.items()}
    return StatefulServer(
        name,
        image,
        labelled(container, files),
        volumes,
        wanted.health,
        wanted.start_timeout,
        wanted.secret_files,
    )
