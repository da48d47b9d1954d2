"""Asks a service that lives under a path for its front page, as browsers will."""

from __future__ import annotations

import msgspec

from infra.daemon.failures import ContainerError
from infra.model.rollout_plan import ServiceRelease, socket_of
from infra.rollout.checks.prefixes import Page, Prefix, outside
from infra.rollout.gate.probe import probe_command
from infra.rollout.running_containers import RunningContainers
from webstack.contract import plain_text

_SECONDS = 5


def judged(containers: RunningContainers, proxy: str, name: str, service: ServiceRelease) -> str:
    """Say in one line why a service does not fit under its path; nothing if it fits.

    The container ``proxy`` asks it. A service that cannot be asked is not judged.
    """
    if not service.prefix:
        return ""
    prefix = Prefix(service.prefix, service.strip_prefix)
    socket = socket_of(name, service.replicas[0])
    check = service.check
    host = check.host or "localhost"

    def ask(address: str) -> Page:
        question = (socket, address, host, str(_SECONDS), check.scheme, *prefix.headers)
        try:
            said = containers.read(proxy, *probe_command("--page", *question))
            return msgspec.json.decode(said, type=Page)
        except (ContainerError, msgspec.DecodeError):
            return Page()

    return plain_text.line(outside(prefix, host, ask))
