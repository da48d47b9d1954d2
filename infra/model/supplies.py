"""Access of a service's containers to the servers that it needs: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.model import stateful
from infra.model.data_servers import SOCKETS, volume_names
from infra.model.specs import Mount, Stack
from infra.settings import needs
from infra.settings.sections import Settings
from infra.settings.types import Secret

POOL = "DATABASE_POOL"


@dataclass(frozen=True)
class Supplies:
    """Mounts, variables, secret variables and networks that a service gets."""

    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    networks: tuple[str, ...] = ()


def supplies(stack: Stack, settings: Settings, name: str) -> Supplies:
    """Give what the service ``name`` gets for all its needs.

    There is no password in it. PostgreSQL knows the service by the user of its processes. Only
    services that have the socket of a Valkey can reach it.
    """
    service, run = settings.services[name], set(needs.servers(settings))
    here = [need for need in service.needs if need in run]
    others = [need for need in service.needs if need in settings.stateful]
    found = [stateful.access(need, settings.stateful[need]) for need in others]
    pool = {POOL: str(service.threads)} if needs.POSTGRES in service.needs else {}
    return Supplies(
        mounts=tuple(_socket(stack, need) for need in here),
        environment={
            **{needs.SUPPLIED[need].variable: _url(need, name) for need in here},
            **pool,
            **{variable: value for each in found for variable, value in each.items()},
        },
        secrets=_elsewhere(settings, service.needs),
        networks=tuple(stateful.network(stack, need).name for need in others),
    )


def _socket(stack: Stack, need: str) -> Mount:
    volume = volume_names(stack, need)[SOCKETS]
    return Mount(needs.SUPPLIED[need].folder, volume=volume, read_only=True)


def _url(need: str, service: str) -> str:
    folder = needs.SUPPLIED[need].folder
    if need == needs.POSTGRES:
        return f"postgresql://{service}@/{service}?host={folder}"
    # Celery has a word of its own for a socket.
    scheme = "redis+socket" if need == needs.BROKER else "unix"
    return f"{scheme}://{folder}/valkey.sock"


def _elsewhere(settings: Settings, wanted: tuple[str, ...]) -> dict[str, Secret]:
    """The URL of a server that the stack does not run, from its secret setting."""
    postgres = settings.postgres
    if needs.POSTGRES in wanted and postgres and postgres.setting is not None:
        return {needs.SUPPLIED[needs.POSTGRES].variable: Secret(setting=postgres.setting)}
    return {}
