"""Describes the listener: it owns the published port, and lends its listening socket to nginx."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from infra.model.proxy_containers import PROXY_USER, ProxyContainers
from infra.model.specs import Stack
from infra.parts.part import Component, Part, PartContainer, PartVolume
from infra.parts.reverse_proxy import proxy_component
from infra.settings.sections import Settings
from proxy import paths


def listener_volume(stack: Stack) -> str:
    """Give the Docker name of the volume where the listening socket is lent."""
    return stack.volume("front")


def certificates_volume(stack: Stack) -> str:
    """Give the Docker name of the volume where nginx finds its certificate."""
    return stack.volume("proxy", "certificates")


def links_volume(stack: Stack) -> str:
    """Give the Docker name of the volume with the links to the release in force."""
    return stack.volume("proxy", "links")


def requests_volume(stack: Stack) -> str:
    """Give the Docker name of the volume in memory where nginx tells its requests."""
    return stack.volume("proxy", "requests")


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
        """Give those that others read beside nginx, which does not outlast releases."""
        stack = self.stack
        found = [
            PartVolume("proxy-front", listener_volume(stack), memory_of=PROXY_USER),
            PartVolume("proxy-links", links_volume(stack)),
        ]
        if self.settings.https:
            found.append(PartVolume("proxy-certificates", certificates_volume(stack)))
        if self.settings.observed:
            name, size = requests_volume(stack), paths.REQUESTS_SIZE
            found.append(PartVolume("proxy-requests", name, memory_of=PROXY_USER, memory=size))
        return tuple(found)

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
