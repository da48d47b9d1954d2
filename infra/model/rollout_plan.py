"""The plan of a release as values: they are inputs of its resource too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy import paths
from webstack.contract.health_check import HealthCheck
from webstack.contract.static_paths import STATIC_PATH, static_name


class ReplicaTarget(msgspec.Struct, frozen=True):
    """One replica: its container, its socket's file name, and the processes that may run.

    ``pids`` has the number of processes for each of its containers, of which one may be a relay.
    """

    container: str
    socket: str
    pids: dict[str, int]


class ServiceRelease(msgspec.Struct, frozen=True):
    """The release of one service; times in seconds.

    ``static`` is a folder at /static, or several by their paths.
    ``prefix`` is the path of the service, empty for "/" and for hosts of its own. ``volumes`` are
    its folders that are kept; None where an earlier version wrote it. ``migrations`` are by their
    paths what is judged of each; None where nobody knows them. ``lock_timeout`` is for how long
    commands before the release wait for a lock of PostgreSQL, None where they have none.
    """

    release: str
    replicas: tuple[ReplicaTarget, ...]
    health: HealthCheck | str
    start_timeout: int
    grace: int
    static: str | dict[str, str] | None = None
    before_release: tuple[str, ...] | None = None
    seed: tuple[str, ...] | None = None
    before_release_timeout: int = 600
    prefix: str = ""
    strip_prefix: bool = False
    volumes: tuple[str, ...] | None = None
    init: tuple[str, ...] | None = None
    migrations: dict[str, str] | None = None
    lock_timeout: int | None = None

    def static_folders(self, service: str) -> dict[str, str]:
        """Give the folders of its static files, by the names under which nginx keeps them."""
        said = {STATIC_PATH: self.static} if isinstance(self.static, str) else self.static
        return {static_name(service, path): folder for path, folder in (said or {}).items()}

    @property
    def check(self) -> HealthCheck:
        """Give the health check of its containers.

        Records of earlier releases have the path alone.
        """
        return HealthCheck.of(self.health)


class RoleRelease(msgspec.Struct, frozen=True):
    """The release of one role of a service; times in seconds.

    ``containers`` has the number of processes that may run in each. ``health`` is a command, or for
    how long a container has to run. No two containers of a ``single`` role run at the same time.
    The old ones of a role that ``hands_over`` end before users reach the new release.
    """

    service: str
    role: str
    release: str
    containers: dict[str, int]
    health: tuple[str, ...] | int
    single: bool = False
    hands_over: bool = False
    start_timeout: int = 60
    grace: int = 30


class RolloutPlan(msgspec.Struct, frozen=True):
    """A release of the whole stack: what the proxy serves, and from which containers.

    ``roles`` are the roles that run beside it, by their names in the stack. ``others`` are
    containers of the stack's own that no release starts, with the processes that may run in each.
    """

    proxy: str
    proxy_pids: int
    holder: str
    holder_pids: int
    configuration: str
    services: dict[str, ServiceRelease]
    roles: dict[str, RoleRelease] = {}
    tls_holder: str | None = None
    others: dict[str, int] = {}

    @property
    def holders(self) -> list[str]:
        """Give the containers that lend listening sockets: one more where there is TLS."""
        return [self.holder, *([self.tls_holder] if self.tls_holder else [])]

    @property
    def links(self) -> dict[str, str]:
        """Give the links of the proxy, each with the socket that it leads to."""
        return {
            paths.link(name, number): socket_of(name, target)
            for name, service in self.services.items()
            for number, target in enumerate(service.replicas)
        }

    def unchanged(self, before: RolloutPlan | None) -> set[str]:
        """Name the services whose containers ran before and run on."""
        ran = before.services if before else {}
        return {
            name
            for name, service in self.services.items()
            if name in ran and ran[name].release == service.release
        }


def socket_of(service: str, target: ReplicaTarget) -> str:
    """Give the path by which the proxy finds the socket of a replica."""
    return f"{paths.SOCKETS_DIRECTORY}/{service}/{target.socket}"


def targets(services: dict[str, ServiceRelease]) -> Iterable[ReplicaTarget]:
    """Give all replicas of these services."""
    return (target for service in services.values() for target in service.replicas)


def plan(properties: dict[str, Any]) -> RolloutPlan:
    """Read the plan in a resource's properties, which may hold more and know no integers."""
    return msgspec.convert(whole(properties), RolloutPlan)


def whole(value: Any) -> Any:
    """Turn numbers that are whole into integers, at any depth (on the wire all are floats)."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value
