"""Describes the listener: it owns the published port, and lends its listening socket to nginx."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from infra.model.proxy_containers import PROXY_USER, ProxyContainers
from infra.model.specs import Stack
from infra.parts.part import Component, Part, PartContainer, PartVolume
from infra.parts.reverse_proxy import proxy_component
from infra.settings.sections import Settings


def listener_volume(stack: Stack) -> str:
    """Give the Docker name of the volume where the listening socket is lent."""
    return stack.volume("front")


def certificates_volume(stack: Stack) -> str:
    """Give the Docker name of the volume where nginx finds its certificate."""
    return stack.volume("proxy", "certificates")


@dataclass(frozen=True)
class Listener(Part):
    """Keeps the listening socket, so that one nginx can follow another on it."""

    stack: Stack
    settings: Settings
    made: ProxyContainers
    outlasts_releases: ClassVar = True

    @property
    def component(self) -> Component:
        """Give the component that the listener shares with nginx."""
        return proxy_component(self.settings, self.made)

    @property
    def volumes(self) -> tuple[PartVolume, ...]:
        """Give the volume where listening sockets are lent, and that of the certificate."""
        front = PartVolume("proxy-front", listener_volume(self.stack), memory_of=PROXY_USER)
        if self.settings.https is None:
            return (front,)
        return (front, PartVolume("proxy-certificates", certificates_volume(self.stack)))

    @property
    def containers(self) -> tuple[PartContainer, ...]:
        """Give the container that publishes the port, and the one for the port with TLS.

        A stack may have named the first without its port. Two containers cannot publish one port.
        """
        made = self.made
        holder = PartContainer(made.holder_resource, made.holder, formerly=("proxy-holder",))
        if made.tls_holder is None:
            return (holder,)
        return (holder, PartContainer(made.tls_holder_resource, made.tls_holder))
