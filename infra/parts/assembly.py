"""Decides which parts a stack has, and what the proxy and the release step make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

import proxy
from infra.base_images import BaseNames
from infra.model import services as service_model
from infra.model.backups.files import IMAGE as FILES
from infra.model.backups.files import file_keepers, owners
from infra.model.certificate_keeper import NAME as KEEPER
from infra.model.certificate_keeper import AcmeFiles, certificate_keeper
from infra.model.data_servers import data_servers
from infra.model.data_servers import networks as data_networks
from infra.model.observe.metrics import metrics
from infra.model.proxy_containers import ProxyContainers, media_volumes, proxy_containers
from infra.model.records import Values
from infra.model.rollout_plan import RolloutPlan
from infra.model.specs import Image, ServiceSpec, Stack, networks
from infra.model.stack_spec import StackSpec
from infra.model.stateful import stateful_networks, stateful_servers
from infra.parts.background_role import BackgroundRole
from infra.parts.certificate_keeping import CertificateKeeping
from infra.parts.data_server import DataServerPart
from infra.parts.file_keeping import FileKeeping
from infra.parts.listener import (
    Listener,
    certificates_volume,
    links_volume,
    listener_volume,
    requests_volume,
)
from infra.parts.metering import Metering
from infra.parts.part import Part
from infra.parts.reverse_proxy import ReverseProxy
from infra.parts.stateful_server import StatefulPart
from infra.parts.web_service import WebService, redirects
from infra.program_input import Kept
from infra.settings.observe import METRICS
from infra.settings.sections import Settings
from proxy import paths
from webstack.contract.role_names import full_name


def stack_spec(
    stack: Stack,
    settings: Settings,
    base: BaseNames,
    image: Callable[[str], Image],
    acme: AcmeFiles | None = None,
) -> StackSpec:
    """Give what the settings ask for; raises proxy.RouteError.

    ``image`` gives the image of a service, of a server, or of ``proxy``, by its name.
    ``acme`` is what the ordering of certificates takes of the project.
    """
    releases = tuple(
        service_model.release(stack, settings, name, image(name), base.python)
        for name in sorted(settings.services)
    )
    parts: list[Part] = [WebService(stack, each.service, settings, each) for each in releases]
    parts += _roles(settings, releases)
    containers = proxy_containers(stack, settings, image("proxy"), base.python)
    plan = rollout_plan(settings, containers, parts, stack.environment)
    servers = data_servers(stack, settings, image)
    stateful = stateful_servers(stack, settings, image)
    keeper = None
    if settings.https and settings.https.mode == "acme":
        keeper = certificate_keeper(stack, settings, image(KEEPER), acme or AcmeFiles())
    files = image(FILES) if settings.backups and any(owners(settings)) else None
    keepers = file_keepers(stack, settings, files)
    meter = metrics(stack, settings, image(METRICS)) if settings.observed else None
    own = [each.network for each in (keeper, meter) if each and each.network]
    of_servers = (*data_networks(stack, settings), *stateful_networks(stack, settings))
    joined = (*networks(stack), *of_servers, *own)
    others = [each.container for each in (keeper, meter) if each]
    others += [each.keeper for each in servers if each.keeper]
    plan = replace(plan, others={each.name: each.pids for each in others})
    return StackSpec(
        settings,
        base,
        releases,
        containers,
        plan,
        joined,
        servers,
        stateful,
        keeper,
        meter,
        keepers,
    )


def rollout_plan(
    settings: Settings, containers: ProxyContainers, parts: Sequence[Part], environment: str
) -> RolloutPlan:
    """Give what the release step brings live; raises proxy.RouteError.

    That is all routes, and all parts that have a gate or a role.
    """
    routes = tuple(part.route for part in parts if part.route)
    live = environment == "production"
    site = proxy.Site(
        hosts=settings.hosts,
        backends=routes,
        listen=paths.PORT,
        # More processes than CPUs wait for each other: Docker then stops all of them in turn.
        workers=max(1, int(settings.proxy.cpus)),
        redirect_hosts=tuple(settings.redirect_hosts.items()),
        redirects=redirects(settings.redirects),
        http_words=settings.nginx.http if settings.nginx else "",
        server_words=settings.nginx.server if settings.nginx else "",
        tls=_tls(settings),
        trusted=settings.trusted_proxies,
        counted=settings.observed is not None,
        indexed=live if settings.robots is None else settings.robots,
        source_maps=not live if settings.source_maps is None else settings.source_maps,
    )
    return RolloutPlan(
        proxy=containers.nginx.name,
        proxy_pids=containers.nginx.pids,
        holder=containers.holder.name,
        holder_pids=containers.holder.pids,
        tls_holder=containers.tls_holder.name if containers.tls_holder else None,
        configuration=proxy.render(site),
        services={part.component.name: part.gate for part in parts if part.gate},
        roles={full_name(each.service, each.role): each for part in parts if (each := part.role)},
    )


def parts_of(stack: Stack, made: StackSpec, values: Values, kept: Mapping[str, Kept]) -> list[Part]:
    """Give the parts of a stack, each after those that it needs.

    ``values`` are those of secrets in a release that comes back. ``kept`` says what stays of
    services, also of services that are no longer declared.
    """
    settings = made.settings
    releases = {each.service: each for each in made.releases}
    services = [
        WebService(
            stack,
            name,
            settings,
            releases.get(name),
            kept.get(name, Kept()),
            values.get(name, {}),
        )
        for name in _builders_first(releases, kept)
    ]
    sockets = (stack.volume(name, "sockets") for name in sorted(releases))
    certificates = (certificates_volume(stack),) if settings.https else ()
    media = (stack.volume(name, volume) for name, volume in media_volumes(settings))
    requests = (requests_volume(stack),) if settings.observed else ()
    lent = (listener_volume(stack), links_volume(stack))
    used = (*lent, *certificates, *requests, *sockets, *media)
    nginx = ReverseProxy(stack, settings, made.proxy, used)
    background = _roles(settings, made.releases)
    servers = [DataServerPart(stack, each) for each in made.servers]
    stateful = [StatefulPart(settings, each, made.base.python) for each in made.stateful]
    listener = Listener(stack, settings, made.proxy)
    parts: list[Part] = [*servers, *stateful, *services, *background, listener, nginx]
    parts += [CertificateKeeping(stack, made.keeper)] if made.keeper else []
    parts += [Metering(stack, made.metrics)] if made.metrics else []
    parts += [FileKeeping(each, made.base.python) for each in made.file_keepers]
    return sorted(parts, key=lambda part: not part.outlasts_releases)


def _roles(settings: Settings, releases: Iterable[ServiceSpec]) -> list[BackgroundRole]:
    return [BackgroundRole(settings, each, role) for each in releases for role in each.roles]


def _builders_first(releases: Mapping[str, ServiceSpec], kept: Mapping[str, Kept]) -> list[str]:
    """Give the names of services, those last that use another service's image."""
    names = sorted(releases.keys() | kept.keys())
    return sorted(names, key=lambda name: name in releases and releases[name].image.name != name)


def _tls(settings: Settings) -> proxy.Tls | None:
    tls = settings.https
    if tls is None:
        return None
    published = tls.published(settings.port)
    challenges = tls.mode == "acme"
    return proxy.Tls(published, tls.profile, tls.redirect, tls.hsts_header, challenges)
