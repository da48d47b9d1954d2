"""Describes one web service: its image, volumes, secrets and containers, relays among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from msgspec.structs import asdict

from infra.model.rollout_plan import ReplicaTarget, ServiceRelease
from infra.model.servers import gets_the_rest
from infra.model.services import health_check
from infra.model.specs import Image, ServiceSpec, Stack
from infra.parts.part import Component, Part, PartContainer, PartSecret, PartVolume
from infra.program_input import Kept
from infra.settings import needs
from infra.settings.checks.stack import made_secret
from infra.settings.sections import (
    Redirection,
    Redirections,
    Service,
    Settings,
    media_place,
    set_values,
)
from infra.settings.types import Secret
from infra.settings.users import user_id
from proxy import Cache, Media, Rate, Redirect, RoutedService, paths
from webstack.contract.health_check import HealthCheck
from webstack.contract.static_paths import STATIC_PATH

# Any other stands in an address in more than one way.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~/-]+")


def redirects(said: Redirections) -> tuple[Redirect, ...]:
    """Give the redirects of the settings in the proxy's form."""
    whole = {source: Redirection.of(each) for source, each in said.items()}
    return tuple(Redirect(source, each.to, each.status) for source, each in whole.items())


def _cache(service: Service) -> Cache | None:
    """Give what is kept of its answers: never that of its health, which tells how it is now."""
    if not service.cache:
        return None
    page = HealthCheck.of(service.health).path.partition("?")[0]
    never = (page,) if _PLAIN_PATH.fullmatch(page) else ()
    return Cache(**asdict(service.cache), never=never)


def service_component(settings: Settings, name: str, release: ServiceSpec | None) -> Component:
    """Give the component that a service and its roles share, with the service's settings."""
    service = settings.services.get(name)
    outputs = {"release": release.id if release else None}
    inputs = set_values(service) if service else None
    return Component("webstack:service:WebService", name, inputs, outputs)


@dataclass(frozen=True)
class WebService(Part):
    """Describes the containers of a service's release; they serve once links lead to them.

    The service's settings are inputs of its component: those of a container that has a secret are
    secret as a whole. Of a secret the settings have the name and the serial.

    ``values`` are those of secrets in a release that comes back, by variable. Without a release the
    service is only what is ``kept`` of it.
    """

    stack: Stack
    name: str
    settings: Settings
    release: ServiceSpec | None
    kept: Kept = field(default_factory=Kept)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    base: ClassVar = "python-service-build"

    @property
    def component(self) -> Component:
        """Give the component of the service, with its settings."""
        return service_component(self.settings, self.name, self.release)

    @property
    def outlasts_releases(self) -> bool:
        """Tell whether the service is only what is kept, without a release."""
        return self.release is None

    @property
    def image(self) -> Image | None:
        """Give the image of its release."""
        return self.release.image if self.release else None

    @property
    def uses(self) -> tuple[str, ...]:
        """Give the volumes of the servers that the service needs."""
        replicas = self.release.replicas if self.release else ()
        mounts = [mount for replica in replicas for mount in replica.container.mounts]
        mounted = dict.fromkeys(mount.volume for mount in mounts if mount.volume)
        own = {each.name for each in self.volumes}
        return tuple(name for name in mounted if name not in own)

    @property
    def volumes(self) -> tuple[PartVolume, ...]:
        """Give the volumes that are kept, protected, and that of its sockets, in memory."""
        return (*self._kept(), *self._sockets())

    @property
    def secrets(self) -> tuple[PartSecret, ...]:
        """Give the secrets of its variables, and earlier ones that may be wanted again."""
        wanted = self.release.secrets if self.release else {}
        own = [
            PartSecret(
                secret, made_secret(self.name, variable), variable, self.values.get(variable)
            )
            for variable, secret in wanted.items()
        ]
        names = {each.resource for each in own}
        kept = {name: each for name, each in self.kept.secrets.items() if name not in names}
        return (*own, *(PartSecret(Secret(serial), name) for name, serial in kept.items()))

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give the containers of its replicas, relays among them."""
        return tuple(self._containers()) if self.release else ()

    @property
    def route(self) -> RoutedService | None:
        """Give its hosts and path, and how much of a request the proxy may hold for it."""
        service = self._service
        if not service:
            return None
        return RoutedService(
            name=self.name,
            replicas=service.replicas,
            path=service.path,
            hosts=service.hosts,
            static=bool(service.static_folders),
            static_paths=tuple(sorted(service.static_folders)) or (STATIC_PATH,),
            media=tuple(_media(self.name, service)),
            timeout=service.timeout,
            body_limit=service.body_limit,
            spool=service.spool,
            threads=service.replicas * service.worker_count * service.threads,
            strip_prefix=gets_the_rest(service),
            scope_cookies=service.scope_cookies,
            redirects=redirects(service.redirects),
            server_words=service.nginx.server if service.nginx else "",
            location_words=service.nginx.location if service.nginx else "",
            rate=Rate(**asdict(service.rate)) if service.rate else None,
            connections=service.connections or 0,
            login=bool(service.login),
            allow=service.allow,
            deny=service.deny,
            headers=tuple(sorted(service.headers.items())),
            cache=_cache(service),
        )

    @property
    def gate(self) -> ServiceRelease | None:
        """Give its health, what it runs before it is switched to, and its static files."""
        service, release = self._service, self.release
        if not service or not release:
            return None
        return ServiceRelease(
            release=release.id,
            replicas=tuple(
                ReplicaTarget(replica.container.name, replica.socket, replica.pids)
                for replica in release.replicas
            ),
            health=health_check(service, self.settings),
            start_timeout=service.start_timeout,
            grace=service.grace_time,
            static=service.static_folders if service.static_at else service.static,
            before_release=service.before_release,
            seed=service.seed if self.settings.expires else None,
            init=service.init,
            before_release_timeout=service.before_release_timeout,
            volumes=tuple(sorted(service.kept_folders.values())),
            prefix=(service.path or "").rstrip("/"),
            strip_prefix=gets_the_rest(service),
            migrations=self._migrations(service, release),
            lock_timeout=needs.lock_timeout(self.settings, service),
        )

    @staticmethod
    def _migrations(service: Service, release: ServiceSpec) -> dict[str, str] | None:
        """Give the migrations of its image, where it runs them before its release."""
        runs = bool(service.before_release) and release.image.files
        return dict(release.image.migrations) if runs else None

    @property
    def _service(self) -> Service | None:
        return self.settings.services.get(self.name)

    def _kept(self) -> Iterator[PartVolume]:
        release = self.release
        own = [*(["data"] if release.data else []), *release.volumes] if release else []
        for name in dict.fromkeys([*own, *self.kept.all_volumes]):
            volume = self.stack.volume(self.name, name)
            yield PartVolume(f"{self.name}-{name}", volume, protect=True)

    def _sockets(self) -> Iterator[PartVolume]:
        if self.release:
            name = self.stack.volume(self.name, "sockets")
            yield PartVolume(f"{self.name}-sockets", name, memory_of=user_id(self.name))

    def _containers(self) -> Iterator[PartContainer]:
        """Give each replica; a relay stays as long as the replica behind it."""
        for replica in self.release.replicas if self.release else ():
            relay = f"{replica.resource}-relay"
            if replica.relay:
                yield PartContainer(relay, replica.relay)
            after = (relay,) if replica.relay else ()
            yield PartContainer(replica.resource, replica.container, after, sealed=True)


def _media(name: str, service: Service) -> Iterator[Media]:
    for path, folder in sorted(service.media.items()):
        volume, rest = media_place(service, folder)
        yield Media(path, f"{paths.media(name, volume)}{rest}")
