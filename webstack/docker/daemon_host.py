"""Finds the Docker daemon: by a provider's settings, the environment, the Docker CLI."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from webstack.docker import endpoint
from webstack.docker.tls_material import TlsMaterial, material_in

_PER_USER: Final = (".docker/run/docker.sock", ".docker/desktop/docker.sock")


class DaemonHost(msgspec.Struct, frozen=True):
    """Holds the address of a daemon, its certificates, and whether it is verified.

    The certificates are in a folder, or `material` if they were given as text.
    """

    address: str
    certificates: Path | None = None
    verified: bool = True
    material: TlsMaterial | None = None


def find_host(config: Mapping[str, Any], environ: Mapping[str, str]) -> DaemonHost:
    """Choose the daemon as the Docker CLI does; ``config`` has a provider's settings, which win.

    Raises EndpointError.
    """
    home = Path.home()
    if config.get("context"):
        found = endpoint.of_context(str(config["context"]), environ, home)
        return DaemonHost(found.url, found.certificates, found.verified)
    said = endpoint.named(environ, home)
    address = config.get("host") or (said.url if said else None)
    if material := material_in(config):
        return DaemonHost(str(address or endpoint.DEFAULT_SOCKET), material=material)
    if certificates := config.get("certPath"):
        return DaemonHost(str(address or endpoint.DEFAULT_SOCKET), Path(certificates).expanduser())
    if config.get("host"):
        return DaemonHost(str(address), *endpoint.of_variables(environ, home))
    return DaemonHost(said.url, said.certificates, said.verified) if said else _local()


def _local() -> DaemonHost:
    """Return the default socket, or Docker Desktop's socket of this user where only that exists."""
    home = Path.home()
    if not Path("/var/run/docker.sock").exists():
        for socket in _PER_USER:
            if (home / socket).exists():
                return DaemonHost(f"unix://{home / socket}")
    return DaemonHost(endpoint.DEFAULT_SOCKET)
