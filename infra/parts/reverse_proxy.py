"""The reverse proxy: a holder that owns the published port, and nginx that serves on it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from infra.model.proxy_containers import PROXY_USER, ProxyContainers
from infra.model.specs import Stack
from infra.runtime.containers import hardened_container
from infra.runtime.images import ServiceImage
from infra.runtime.volumes import NamedVolume, memory_volume, volume
from infra.settings.sections import Settings, set_values


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
        sockets: Mapping[str, NamedVolume],
        owner: pulumi.Input[str],
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
        at = stack.volume("front")
        front = memory_volume("proxy-front", at, stack, owner, PROXY_USER, child)
        volumes = {at: front, **sockets}
        for what in ("configuration", "links", "spool", "static"):
            at = stack.volume("proxy", what)
            volumes[at] = volume(f"proxy-{what}", at, stack, owner, child)
        names = {name: each.name for name, each in volumes.items()}
        self.holder = hardened_container(
            containers.holder_resource,
            containers.holder,
            networks,
            names,
            {},
            # A stack may have named it without its port, which two cannot publish.
            pulumi.ResourceOptions(
                parent=self,
                depends_on=[base, front.resource],
                aliases=[pulumi.Alias(name="proxy-holder")],
            ),
        )
        self.nginx = hardened_container(
            containers.nginx_resource,
            containers.nginx,
            networks,
            names,
            {},
            pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *image.built,
                    self.holder,
                    *(each.resource for each in volumes.values()),
                ],
            ),
        )
        self.register_outputs({"container": containers.nginx.name})
