"""The reverse proxy: a holder that owns the published port, and nginx that serves on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from infra.components.hardened_container import hardened_container, memory_volume, volume
from infra.components.service_image import ServiceImage
from infra.model import Stack
from infra.proxy_model import PROXY_USER, ProxyContainers
from infra.settings import Settings, set_values


class ReverseProxy(pulumi.ComponentResource):
    """The holder keeps the listening socket, so that one nginx can follow another on it.

    The proxy's settings are inputs, for whoever reviews a preview.
    """

    def __init__(
        self,
        stack: Stack,
        settings: Settings,
        containers: ProxyContainers,
        networks: Mapping[str, pulumi.Input[str]],
        base: pulumi.Resource,
        sockets: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "hosts": list(settings.hosts),
            "bind": settings.bind,
            "port": settings.port,
            **set_values(settings.proxy),
        }
        super().__init__("webstack:proxy:ReverseProxy", "proxy", inputs, opts)
        child = pulumi.ResourceOptions(parent=self)
        on_base = pulumi.ResourceOptions(parent=self, depends_on=[base])
        image = ServiceImage(containers.image, on_base)
        front = memory_volume("proxy-front", stack.named("front"), stack, PROXY_USER, child)
        kept = [
            volume(f"proxy-{what}", stack.named("proxy", what), stack, child)
            for what in ("configuration", "links", "static")
        ]
        self.holder = hardened_container(
            containers.holder_resource,
            containers.holder,
            networks,
            {},
            # A stack may have named it without its port, which two cannot publish.
            pulumi.ResourceOptions(
                parent=self, depends_on=[base, front], aliases=[pulumi.Alias(name="proxy-holder")]
            ),
        )
        self.nginx = hardened_container(
            containers.nginx_resource,
            containers.nginx,
            networks,
            {},
            pulumi.ResourceOptions(
                parent=self, depends_on=[*image.built, front, self.holder, *kept, *sockets]
            ),
        )
        self.register_outputs({"container": containers.nginx.name})
