"""Refuses properties that older Docker daemons would ignore without a message."""

from __future__ import annotations

from collections.abc import Iterator

from webstack.contract.go_durations import parse_duration
from webstack.engine.model.provider import Properties, ProviderError
from webstack.engine.providers.docker.client.api import DaemonApi


def require_version(daemon: DaemonApi, subject: str, inputs: Properties) -> None:
    """Refuse properties that the daemon is too old for; raises ProviderError."""
    for property_, needed in _newer(inputs):
        if daemon.api_version() < needed:
            version = ".".join(map(str, needed))
            raise ProviderError(
                f"{subject}: {property_} needs a Docker daemon with API {version} or later"
            )


def _newer(inputs: Properties) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each set property that not every daemon knows, and the API version that has it."""
    if parse_duration((inputs.get("healthcheck") or {}).get("startInterval", "0s")):
        yield "healthcheck.startInterval", (1, 44)
    mounts = inputs.get("mounts") or ()
    if any((mount.get("volumeOptions") or {}).get("subpath") for mount in mounts):
        yield "mounts[].volumeOptions.subpath", (1, 45)
    if any(network.get("gwPriority") for network in inputs.get("networksAdvanced") or ()):
        yield "networksAdvanced[].gwPriority", (1, 48)
