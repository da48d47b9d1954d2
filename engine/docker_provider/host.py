"""Which Docker engine to use: from the provider's settings, the environment, the Docker CLI."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from ..provider import ProviderError

DEFAULT_ADDRESS: Final = "unix:///var/run/docker.sock"
_PER_USER: Final = (".docker/run/docker.sock", ".docker/desktop/docker.sock")


class Host(msgspec.Struct, frozen=True):
    """The address of an engine, and the folder with ca.pem, cert.pem and key.pem for it."""

    address: str
    certificates: Path | None = None


def find_host(config: Mapping[str, Any], environ: Mapping[str, str]) -> Host:
    """Choose the engine as the Docker CLI does; the provider's own settings come first."""
    if config.get("context"):
        return _from_context(str(config["context"]))
    certificates = config.get("certPath") or environ.get("DOCKER_CERT_PATH")
    address = config.get("host") or environ.get("DOCKER_HOST")
    if address:
        return Host(str(address), Path(certificates).expanduser() if certificates else None)
    return _from_context(environ.get("DOCKER_CONTEXT"))


def _from_context(name: str | None) -> Host:
    """Give the engine of the named context, or of the Docker CLI's current one."""
    # Importing the SDK takes a tenth of a second, and a run without changes needs no engine.
    from docker.context import ContextAPI
    from docker.errors import DockerException

    try:
        context = ContextAPI.get_context(name)
    except DockerException as error:
        raise ProviderError(f"the Docker context cannot be read: {error}") from error
    if context is None:
        raise ProviderError(f'there is no Docker context "{name}"; see `docker context ls`')
    tls = context.TLSConfig
    if tls is not None and tls.cert:
        return Host(context.Host or DEFAULT_ADDRESS, Path(tls.cert[0]).parent)
    return _local(context.Host)


def _local(address: str | None) -> Host:
    """Prefer the default socket; Docker Desktop has one per user instead."""
    home = Path.home()
    if address and address not in (DEFAULT_ADDRESS, f"http+{DEFAULT_ADDRESS}"):
        return Host(address)
    if not Path("/var/run/docker.sock").exists():
        for socket in _PER_USER:
            if (home / socket).exists():
                return Host(f"unix://{home / socket}")
    return Host(DEFAULT_ADDRESS)
