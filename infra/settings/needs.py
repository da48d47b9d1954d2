"""Servers and connections that services need, and checks that they fit: pure.

Every check raises SettingsError, with the key, what is wrong, and the way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from infra.settings.checks.stateful import check_access
from infra.settings.data_servers import Backups, Postgres, Valkey, ValkeyBroker
from infra.settings.roles import Role
from infra.settings.sections import NAMESPACE, Service, Settings, SettingsError
from webstack.contract.masks import MaskError, statements
from webstack.contract.role_names import full_name

POSTGRES, VALKEY, BROKER = "postgres", "valkey", "valkey-broker"
OVERLAP = 2
"""Releases whose containers run at a time, while one follows another."""
RESERVED_CONNECTIONS = 5
"""Those of the stack itself: its provision, `webstack psql`, a backup, PostgreSQL's superuser."""
_NO_DATABASES = ("none", "public", "template0", "template1")
"""What PostgreSQL takes for something else than a role or a database of a user."""


class Supplied(NamedTuple):
    """The access of a service to a server: the variable with its URL, and its socket's folder."""

    variable: str
    folder: str


SUPPLIED = {
    POSTGRES: Supplied("DATABASE_URL", "/run/postgresql"),
    VALKEY: Supplied("CACHE_URL", "/run/valkey"),
    BROKER: Supplied("BROKER_URL", "/run/valkey-broker"),
}


SHARED = "REDIS_URL"
"""The variable with the address of a Valkey that every client and Celery understand: by TCP."""


@dataclass(frozen=True)
class Pool:
    """The connections that one service, or one role of it, may have at a time."""

    service: str
    threads: int
    workers: int
    replicas: int

    @property
    def most(self) -> int:
        """Count the connections: one for each thread that answers, in two releases."""
        return self.threads * self.workers * self.replicas * OVERLAP

    def __str__(self) -> str:
        terms = (
            f"{self.threads} threads x {self.workers} workers x {self.replicas} replicas"
            f" x {OVERLAP} releases"
        )
        return f"{self.service} {terms} = {self.most}"


def postgres_of(settings: Settings) -> Postgres | None:
    """Give the settings of the PostgreSQL that the stack runs; None where it runs none."""
    wanted = settings.postgres or (Postgres() if needing(settings, POSTGRES) else None)
    if wanted is None or wanted.setting is not None:
        return None
    return replace(wanted, backups=wanted.backups or settings.backups)


def needing(settings: Settings, name: str) -> list[str]:
    """Name the services that need the server of this name, sorted."""
    return sorted(each for each, service in settings.services.items() if name in service.needs)


def pools(settings: Settings) -> list[Pool]:
    """Give the connection pools of all services that need PostgreSQL, and of their roles."""
    return [
        pool
        for name, service in sorted(settings.services.items())
        if POSTGRES in service.needs
        for pool in (
            Pool(name, service.threads, service.worker_count, service.replicas),
            *(
                _pool_of_role(full_name(name, role), service, each)
                for role, each in sorted(service.roles.items())
            ),
        )
    ]


def _pool_of_role(full: str, service: Service, role: Role) -> Pool:
    """Count connections; the processes of Celery work on one task at a time."""
    threads = 1 if role.celery else service.threads
    return Pool(full, threads, role.processes, role.replicas)


def servers(settings: Settings) -> Iterator[str]:
    """Name the data servers that the stack runs.

    A server runs if a service needs it, or if it has settings.
    """
    if postgres_of(settings):
        yield POSTGRES
    if settings.valkey or needing(settings, VALKEY):
        yield VALKEY
    if settings.valkey_broker or needing(settings, BROKER):
        yield BROKER


def lock_timeout(settings: Settings, service: Service) -> int | None:
    """Give the seconds that a service's migrations wait for a lock.

    None without PostgreSQL, and where the service has options of its own for it.
    """
    if POSTGRES not in service.needs or "PGOPTIONS" in service.environment:
        return None
    return (settings.postgres or Postgres()).lock_timeout


def valkey_of(settings: Settings, name: str) -> Valkey:
    """Give the settings of one of the two Valkeys."""
    if name == BROKER:
        return settings.valkey_broker or ValkeyBroker()
    return settings.valkey or Valkey()


def in_networks(settings: Settings) -> list[str]:
    """Name the data servers that listen in a network of their own, too."""
    return [
        name for name in servers(settings) if name != POSTGRES and valkey_of(settings, name).tcp
    ]


def check(settings: Settings) -> None:
    """Raise SettingsError for the first need that cannot be met."""
    for name in {*servers(settings), *(settings.stateful.keys() & SUPPLIED.keys())}:
        if name in settings.stateful:
            raise SettingsError(
                f"{NAMESPACE}:stateful.{name}: the stack runs its own {name} under that name; "
                "give this one another"
            )
        if name in settings.services:
            raise SettingsError(
                f"{NAMESPACE}:services.{name}: {name} is what services need by that name; "
                "give the service another"
            )
    for name, service in settings.services.items():
        _check_service(name, service, settings)
    _check_connections(settings)
    _check_masks(settings)
    _check_proofs(settings)


def _check_service(name: str, service: Service, settings: Settings) -> None:
    where = f"{NAMESPACE}:services.{name}"
    for need in service.needs:
        if need not in SUPPLIED and need not in settings.stateful:
            known = ", ".join((*SUPPLIED, *settings.stateful))
            raise SettingsError(f"{where}.needs: there is no {need}; it can be {known}")
        if service.needs.count(need) > 1:
            raise SettingsError(f"{where}.needs: {need} stands there twice; remove one")
        if need in SUPPLIED:
            _check_supplied(where, need, service, tcp=need in in_networks(settings))
        else:
            check_access(where, need, name, settings)
    if POSTGRES in service.needs:
        _check_database(where, name, service, settings)


def _check_supplied(where: str, need: str, service: Service, *, tcp: bool) -> None:
    variable, folder = SUPPLIED[need]
    sets = (variable, *([SHARED] if tcp else []))
    for key in ("environment", "secret_environment"):
        for each in sets:
            if each in getattr(service, key):
                raise SettingsError(
                    f"{where}.{key}.{each}: needs: [{need}] sets it; remove one of the two"
                )
    used = {"data": [service.data], "static": service.static_folders.values()}
    for key, folders in {**used, "reload": [service.reload]}.items():
        if folder in folders:
            raise SettingsError(
                f"{where}.{key}: {folder} has the socket of {need}; take another folder"
            )
    if folder in service.writable:
        raise SettingsError(
            f"{where}.writable: {folder} has the socket of {need}; take another folder"
        )


def _check_database(where: str, name: str, service: Service, settings: Settings) -> None:
    if name in _NO_DATABASES:
        raise SettingsError(f"{where}: no database can be called {name}; give it another name")
    if settings.postgres and settings.postgres.setting is not None and not service.outbound:
        raise SettingsError(
            f"{where}.needs: the server of {NAMESPACE}:postgres.setting is elsewhere, and {name} "
            "reaches nothing; set outbound: true"
        )


def _check_proofs(settings: Settings) -> None:
    """Raise SettingsError for a query of a service that has no database."""
    own = settings.postgres.backups if settings.postgres else None
    wanted: dict[str, Backups | None] = {"backups": settings.backups, "postgres.backups": own}
    for key, backups in wanted.items():
        for name in backups.proof if backups else ():
            if name not in needing(settings, POSTGRES):
                raise SettingsError(
                    f"{NAMESPACE}:{key}.proof.{name}: no service {name} needs postgres; correct "
                    "the name"
                )


def _check_masks(settings: Settings) -> None:
    """Raise SettingsError for a rule that hides nothing: what it was for would be copied."""
    for name, rules in (settings.postgres.masks if settings.postgres else {}).items():
        where = f"{NAMESPACE}:postgres.masks.{name}"
        if name not in needing(settings, POSTGRES):
            raise SettingsError(f"{where}: no service {name} needs postgres; correct the name")
        try:
            list(statements(rules, ""))
        except MaskError as error:
            raise SettingsError(f"{where}: {error}") from None


def _check_connections(settings: Settings) -> None:
    postgres = postgres_of(settings)
    if not postgres:
        return
    wanted = pools(settings)
    asked = sum(pool.most for pool in wanted) + RESERVED_CONNECTIONS
    most = postgres.most_connections
    if asked > most:
        sums = "; ".join(map(str, wanted))
        raise SettingsError(
            f"{NAMESPACE}:postgres.connections: {most} are fewer than the {asked} that may be "
            f"open at a time ({sums}; the stack itself {RESERVED_CONNECTIONS}); write {asked} or "
            "more, give it more memory, or fewer threads, workers or replicas to the services"
        )
