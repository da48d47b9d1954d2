"""Describes the reverse proxy: nginx, in front of all services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.model.proxy_containers import ProxyContainers
from infra.model.specs import Image, Stack
from infra.parts.part import Component, Part, PartContainer, PartVolume
from infra.settings.sections import Settings, set_values


def proxy_component(settings: Settings, containers: ProxyContainers) -> Component:
    """Give the component that the proxy and its listener share, with the proxy's settings."""
    inputs: Mapping[str, Any] = {
        "hosts": list(settings.hosts),
        "bind": settings.bind,
        "port": settings.port,
        **({"redirect_hosts": settings.redirect_hosts} if settings.redirect_hosts else {}),
        **({"nginx": set_values(settings.nginx)} if settings.nginx else {}),
        **({"tls": set_values(settings.https)} if settings.https else {}),
        **set_values(settings.proxy),
    }
    outputs = {"container": containers.nginx.name}
    return Component("webstack:proxy:ReverseProxy", "proxy", inputs, outputs)


@dataclass(frozen=True)
class ReverseProxy(Part):
    """Describes the nginx that serves on the socket that the listener lends it.

    ``sockets`` names volumes of other parts: one with the listening socket, others with the sockets
    of services, or with their media.
    """

    stack: Stack
    settings: Settings
    made: ProxyContainers
    sockets: tuple[str, ...]

    @property
    def component(self) -> Component:
        """Give the component that nginx shares with its listener."""
        return proxy_component(self.settings, self.made)

    @property
    def image(self) -> Image | None:
        """Give the image of nginx."""
        return self.made.image

    @property
    def volumes(self) -> tuple[PartVolume, ...]:
        """Give the volumes that releases write and nginx reads, and those that it writes."""
        return tuple(
            PartVolume(f"proxy-{what}", self.stack.volume("proxy", what))
            for what in ("configuration", "log", "spool", "static")
        )

    @property
    def uses(self) -> tuple[str, ...]:
        """Give the volumes of other parts that nginx reads."""
        return self.sockets

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give the container of nginx, which joins the listener."""
        made = self.made
        after = (made.holder_resource, *([made.tls_holder_resource] if made.tls_holder else []))
        return (PartContainer(made.nginx_resource, made.nginx, after),)
