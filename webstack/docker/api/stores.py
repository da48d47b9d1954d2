"""Calls of the API about volumes, networks and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from webstack.docker.api.base import Calling, filtered
from webstack.docker.api.calls import quoted


class Stores(Calling):
    """Volumes and networks by name, and the daemon's events; what fails raises DaemonError."""

    def volumes(self, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """List volumes, as ``Volumes``, which may be None."""
        return dict(self.value("GET", "/volumes", query={"filters": filtered(filters)}))

    def create_volume(self, name: str, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Make a volume; one that is there stays."""
        return dict(self.value("POST", "/volumes/create", body={"Name": name, "Labels": labels}))

    def inspect_volume(self, name: str) -> dict[str, Any]:
        """Give all that the daemon knows of a volume."""
        return dict(self.value("GET", f"/volumes/{quoted(name)}"))

    def remove_volume(self, name: str) -> None:
        """Remove a volume that nobody uses."""
        self.value("DELETE", f"/volumes/{quoted(name)}")

    def networks(self, filters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """List networks."""
        return list(self.value("GET", "/networks", query={"filters": filtered(filters)}))

    def inspect_network(self, network: str) -> dict[str, Any]:
        """Give all that the daemon knows of a network."""
        return dict(self.value("GET", f"/networks/{quoted(network)}"))

    def remove_network(self, network: str) -> None:
        """Remove a network that nobody is in."""
        self.value("DELETE", f"/networks/{quoted(network)}")

    def events(
        self,
        *,
        since: int | None = None,
        until: int | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Give events as they come, or those between two seconds since the epoch."""
        query = {"since": since, "until": until, "filters": filtered(filters)}
        return self.send("GET", "/events", query=query, timeout=None).values()
