"""Settings of servers that keep state: any image with a port and volumes."""

from __future__ import annotations

from typing import Annotated

import msgspec

from infra.settings.types import (
    Command,
    Cpus,
    Directory,
    ImageName,
    Line,
    Mebibytes,
    Name,
    Port,
    Processes,
    Seconds,
    Secret,
    Text,
    Variable,
)

SECRETS_FOLDER = "/run/secrets"
"""Where a server finds its secrets as files."""


class Stateful(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A server that is restarted and not rolled; sizes in MiB, times in seconds.

    ``secret_files`` are secrets by the names of their files. ``health`` succeeds in the container
    once the server answers.
    """

    port: Port
    health: Command
    image: ImageName | None = None
    source: Line | None = None
    command: Command | None = None
    user: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    volumes: dict[Name, Directory] = {}
    writable: dict[Directory, Mebibytes] = {}
    environment: dict[Variable, Text] = {}
    secret_environment: dict[Variable, Secret] = {}
    secret_files: dict[Variable, Secret] = {}
    cpus: Cpus = 1.0
    memory: Mebibytes = 256
    pids: Processes = 128
    start_timeout: Seconds = 60
    grace: Seconds = 30

    @property
    def secrets(self) -> dict[str, Secret]:
        """Give all its secrets by name, whether variables or files."""
        return {**self.secret_files, **self.secret_environment}


def variables(name: str) -> tuple[str, str]:
    """Name the variables by which a service finds the host and the port of a server."""
    stem = name.upper().replace("-", "_")
    return f"{stem}_HOST", f"{stem}_PORT"
