"""The proxy's containers as values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import proxy
from infra.model.container_arguments import content, labelled
from infra.model.specs import (
    Container,
    Health,
    Image,
    Mount,
    Published,
    Stack,
    in_memory,
    networks,
)
from infra.settings.sections import Settings, media_place
from proxy import paths
from webstack.contract.container_paths import TEMPORARY

PROXY_USER = 10100
_HOLD = (Path(proxy.__file__).parent / "hold.py").read_text()
_HOLDER_MEMORY = 32
# One process, and the threads that the daemon starts a health check with.
_HOLDER_PIDS = 32


@dataclass(frozen=True)
class ProxyContainers:
    """The containers of the proxy: holders named by their ports, and nginx by its content.

    So a port can move without a gap: the next pair serves before the pair before it goes. With TLS
    there is another holder for its port.
    """

    image: Image
    holder: Container
    holder_resource: str
    nginx: Container
    nginx_resource: str
    tls_holder: Container | None = None
    tls_holder_resource: str = ""


def proxy_containers(
    stack: Stack, settings: Settings, image: Image, python: str
) -> ProxyContainers:
    """Give the holders on the plain Python image, and nginx without any network of its own."""
    tls = settings.https
    lent = [settings.port, *([tls.published(settings.port)] if tls else [])]
    listening = zip(lent, (paths.PORT, paths.TLS_PORT), strict=False)
    holder, *more = (_holder(stack, settings, python, *ports) for ports in listening)
    caches = {name: each.cache.memory for name, each in settings.services.items() if each.cache}
    template = Container(
        name="nginx",
        image=image.reference,
        user=f"{PROXY_USER}:{PROXY_USER}",
        cpus=settings.proxy.cpus,
        memory=settings.proxy.memory + sum(caches.values()),
        pids=settings.proxy.pids,
        grace=max(service.grace_time for service in settings.services.values()) + 5,
        environment={"WEBSTACK_DESK": " ".join(map(paths.handoff_socket, lent))},
        mounts=_mounts(stack, settings),
        tmpfs={
            **_TMPFS,
            **({} if settings.observed else _UNREAD),
            **{paths.cache(name): in_memory(PROXY_USER, size) for name, size in caches.items()},
        },
        health=Health(
            ("CMD", "webstack-probe", paths.HEALTH_SOCKET, paths.HEALTH_PATH, "localhost", "2")
        ),
        labels={**stack.labels, "webstack.role": "proxy"},
    )
    resource = f"nginx-{content(template)}"
    nginx = replace(template, name=stack.named(resource))
    return ProxyContainers(
        image,
        holder,
        _holder_resource(lent[0]),
        nginx,
        resource,
        more[0] if more else None,
        _holder_resource(lent[1]) if more else "",
    )


def _holder_resource(published: int) -> str:
    return f"proxy-holder-{published}"


def _holder(
    stack: Stack, settings: Settings, python: str, published: int, internal: int
) -> Container:
    edge, _ = networks(stack)
    handoff = paths.handoff_socket(published)
    holder = Container(
        name=stack.named(_holder_resource(published)),
        image=python,
        user=f"{PROXY_USER}:{PROXY_USER}",
        cpus=0.5,
        memory=_HOLDER_MEMORY,
        pids=_HOLDER_PIDS,
        grace=5,
        command=("python3", "-c", _HOLD, handoff, str(internal)),
        mounts=(Mount(paths.FRONT_DIRECTORY, volume=stack.volume("front")),),
        networks=(edge.name,),
        published=(Published(settings.bind, published, internal),),
        health=Health(("CMD", "test", "-S", handoff)),
        labels={**stack.labels, "webstack.role": "holder"},
    )
    # Two cannot have one port, so its content cannot be in its name. As a label it makes every
    # change a restart, which the preview tells: the provider would otherwise only note some.
    return labelled(holder)


def able_to_take_over(containers: ProxyContainers) -> ProxyContainers:
    """Add the folders that nginx of early versions lacks: to spool, to log and to tell requests.

    An nginx that comes back starts on the configuration in force, before it gets its own. The
    configuration in force names the folders.
    """
    nginx = containers.nginx
    there = {*nginx.tmpfs, *(mount.target for mount in nginx.mounts)}
    needed = {**dict.fromkeys(_LATER_FOLDERS, in_memory(PROXY_USER, _FOLDER_SIZE)), **_UNREAD}
    lacking = {folder: options for folder, options in needed.items() if folder not in there}
    if not lacking:
        return containers
    return replace(containers, nginx=replace(nginx, tmpfs={**nginx.tmpfs, **lacking}))


_FOLDER_SIZE = 64
_LATER_FOLDERS = (paths.SPOOL_DIRECTORY, paths.LOG_DIRECTORY)
_TMPFS = {
    folder: in_memory(PROXY_USER, _FOLDER_SIZE) for folder in (TEMPORARY, paths.RUNTIME_DIRECTORY)
}
# Also where nobody counts requests: nginx may start on a configuration that tells them.
_UNREAD = {paths.REQUESTS_DIRECTORY: in_memory(PROXY_USER, paths.REQUESTS_SIZE)}


def _mounts(stack: Stack, settings: Settings) -> tuple[Mount, ...]:
    own = {
        paths.CONFIGURATION_DIRECTORY: "configuration",
        paths.LINKS_DIRECTORY: "links",
        paths.STATIC_DIRECTORY: "static",
        paths.SPOOL_DIRECTORY: "spool",
        paths.LOG_DIRECTORY: "log",
    }
    return (
        Mount(paths.FRONT_DIRECTORY, volume=stack.volume("front"), read_only=True),
        *(Mount(target, volume=stack.volume("proxy", what)) for target, what in own.items()),
        *_certificates(stack, settings),
        *_requests(stack, settings),
        *(
            Mount(
                f"{paths.SOCKETS_DIRECTORY}/{name}",
                volume=stack.volume(name, "sockets"),
                read_only=True,
            )
            for name in sorted(settings.services)
        ),
        *(
            Mount(paths.media(name, volume), volume=stack.volume(name, volume), read_only=True)
            for name, volume in media_volumes(settings)
        ),
    )


def media_volumes(settings: Settings) -> list[tuple[str, str]]:
    """Give the volumes that nginx serves media from, each with its service."""
    return sorted(
        {
            (name, media_place(service, folder)[0])
            for name, service in settings.services.items()
            for folder in service.media.values()
        }
    )


def _requests(stack: Stack, settings: Settings) -> tuple[Mount, ...]:
    if settings.observed is None:
        return ()
    return (Mount(paths.REQUESTS_DIRECTORY, volume=stack.volume("proxy", "requests")),)


def _certificates(stack: Stack, settings: Settings) -> tuple[Mount, ...]:
    """Give where nginx reads them; it takes in what a release gives it, but no keeper's."""
    tls = settings.https
    if tls is None:
        return ()
    volume = stack.volume("proxy", "certificates")
    return (Mount(paths.CERTIFICATES_DIRECTORY, volume=volume, read_only=tls.mode == "acme"),)
