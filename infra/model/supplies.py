"""Access of a service's containers to the servers that it needs: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.model import stateful
from infra.model.data_servers import PORT, SOCKETS, volume_names
from infra.model.specs import Mount, Stack, private_network
from infra.settings import needs
from infra.settings.sections import Service, Settings
from infra.settings.types import Secret

POOL = "DATABASE_POOL"
RESULTS = 1
"""The database of a Valkey that has the results of tasks; the tasks are in the first, 0."""


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
    tcp = [need for need in here if need in needs.in_networks(settings)]
    urls = {
        needs.SUPPLIED[need].variable: _tcp(stack, need) if need in tcp else _url(need, name)
        for need in here
    }
    shared = {needs.SHARED: _tcp(stack, sorted(tcp)[-1])} if tcp else {}
    return Supplies(
        mounts=tuple(_socket(stack, need) for need in here),
        environment={
            **urls,
            **shared,
            **pool,
            **_of_celery(service, urls),
            **{variable: value for each in found for variable, value in each.items()},
        },
        secrets=_elsewhere(settings, service.needs),
        networks=(
            *(private_network(stack, need).name for need in tcp),
            *(stateful.network(stack, need).name for need in others),
        ),
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


def _tcp(stack: Stack, need: str) -> str:
    """Give the address in its network, which every client understands."""
    return f"redis://{stack.named(need)}:{PORT}/0"


def _of_celery(service: Service, urls: Mapping[str, str]) -> dict[str, str]:
    """Give what Celery reads before the application's own: where tasks and results are.

    Results are in another database of the same server, so that they can be counted.
    """
    broker = urls.get(needs.SUPPLIED[needs.BROKER].variable)
    if broker is None or not any(role.celery for role in service.roles.values()):
        return {}
    results = f"{broker}?db={RESULTS}" if "+socket" in broker else f"{broker[:-1]}{RESULTS}"
    told = {"CELERY_BROKER_URL": broker, "CELERY_RESULT_BACKEND": results}
    return {name: url for name, url in told.items() if name not in service.secret_environment}


def _elsewhere(settings: Settings, wanted: tuple[str, ...]) -> dict[str, Secret]:
    """Give the URL of a server that the stack does not run, from its secret setting."""
    postgres = settings.postgres
    if needs.POSTGRES in wanted and postgres and postgres.setting is not None:
        return {needs.SUPPLIED[needs.POSTGRES].variable: Secret(setting=postgres.setting)}
    return {}
