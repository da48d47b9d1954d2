"""Asks all that is asked of a Docker daemon."""

from __future__ import annotations

from typing import Any

from webstack.docker.api.calls import Calls
from webstack.docker.api.commands import Commands
from webstack.docker.api.containers import Containers
from webstack.docker.api.images import Images
from webstack.docker.api.stores import Stores
from webstack.docker.transports import Dial


class Daemon(Containers, Commands, Images, Stores):
    """Calls one daemon in the version of the API that the daemon itself speaks.

    The methods have the names and the words of Docker's own SDK for Python.
    """

    def __init__(
        self, dial: Dial, timeout: float, host: str = "localhost", prefix: str = ""
    ) -> None:
        """Ask for the daemon's version, below the ``prefix`` of its address; raises DaemonError."""
        self.calls = Calls(dial, timeout, host)
        self.timeout = timeout
        self.prefix = prefix
        self.api_version = str(self.version()["ApiVersion"])
        self.prefix = f"{prefix}/v{self.api_version}"

    def version(self) -> dict[str, Any]:
        """Give the versions of the daemon and its parts."""
        return dict(self.value("GET", "/version"))

    def info(self) -> dict[str, Any]:
        """Give what the daemon tells of itself and its machine."""
        return dict(self.value("GET", "/info"))

    def close(self) -> None:
        """Close all connections; a later call opens new ones."""
        self.calls.close()
