"""Finds the Docker daemon that the environment names, and its certificates, as docker does.

DOCKER_HOST wins over contexts. Its connection is encrypted by DOCKER_TLS_VERIFY, or unverified by
DOCKER_TLS; DOCKER_CERT_PATH alone only says where certificates would be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from webstack.contract import bounded_files, stack_host

DEFAULT_SOCKET: Final = "unix:///var/run/docker.sock"
TLS_VARIABLES: Final = ("DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH")
_AUTHORITY, _CERTIFICATE, _KEY = "ca.pem", "cert.pem", "key.pem"


class EndpointError(ValueError):
    """Reports that the setting which names the daemon cannot be read, with the way out."""


@dataclass(frozen=True)
class Endpoint:
    """Holds the address of a daemon, who named it, and the folder of its certificates."""

    url: str
    source: str
    certificates: Path | None = None
    verified: bool = True

    @property
    def is_default(self) -> bool:
        """Tell whether this is the machine's own daemon, which we may start."""
        return self.url in (DEFAULT_SOCKET, "unix:///run/docker.sock")

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that make every Docker client started later use this endpoint.

        Nothing where all do anyway: the SDK would put a variable into the program's providers.
        """
        if self.url == DEFAULT_SOCKET:
            return {}
        variables = {"DOCKER_HOST": self.url}
        if self.certificates:
            how = "DOCKER_TLS_VERIFY" if self.verified else "DOCKER_TLS"
            variables |= {"DOCKER_CERT_PATH": str(self.certificates), how: "1"}
        return variables

    @property
    def misleading(self) -> tuple[str, ...]:
        """Return variables that must be unset: for pulumi-docker a folder alone means TLS."""
        return tuple(name for name in TLS_VARIABLES if name not in self.variables)


@dataclass(frozen=True)
class TlsFiles:
    """Names the files for one connection. Without an authority the daemon is not verified."""

    authority: str | None
    client: tuple[str, str] | None


def named(environ: Mapping[str, str], home: Path) -> Endpoint | None:
    """Return what DOCKER_HOST or a context names, None without either; raises EndpointError."""
    if url := environ.get("DOCKER_HOST"):
        source = stack_host.SETTING if stack_host.BEFORE in environ else "DOCKER_HOST"
        return Endpoint(url, source, *of_variables(environ, home))
    name = environ.get("DOCKER_CONTEXT") or _current_context(_folder(environ, home) / "config.json")
    return None if name in ("", "default") else of_context(name, environ, home)


def of_variables(environ: Mapping[str, str], home: Path) -> tuple[Path | None, bool]:
    """Return DOCKER_HOST's folder of certificates, None without TLS, and whether to verify."""
    verified = bool(environ.get("DOCKER_TLS_VERIFY"))
    if not verified and not environ.get("DOCKER_TLS"):
        return None, True
    said = environ.get("DOCKER_CERT_PATH")
    return Path(said).expanduser() if said else _folder(environ, home), verified


def of_context(name: str, environ: Mapping[str, str], home: Path) -> Endpoint:
    """Return the daemon of a context; raises EndpointError where no context has the name."""
    folder = _folder(environ, home) / "contexts"
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = folder / "meta" / key / "meta.json"
    try:
        said = json.loads(bounded_files.read_any(meta, bounded_files.SMALL))["Endpoints"]["docker"]
        url, verified = str(said["Host"]), not said.get("SkipTLSVerify")
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise EndpointError(
            f'there is no Docker context "{name}" that can be read from {meta}; choose another '
            "with `docker context use default`, or set DOCKER_HOST"
        ) from None
    certificates = folder / "tls" / key / "docker"
    return Endpoint(
        url, f'context "{name}"', certificates if certificates.is_dir() else None, verified
    )


def tls_files(folder: Path, *, verified: bool) -> TlsFiles:
    """Find the files of a folder, a client's own only where it has them; raises EndpointError."""
    pair = folder / _CERTIFICATE, folder / _KEY
    wanted = [folder / _AUTHORITY] if verified else []
    if any(path.is_file() for path in pair):
        wanted += pair
    for path in wanted:
        if not path.is_file():
            raise EndpointError(
                f"{path} is missing: certPath, or DOCKER_CERT_PATH, names a folder with "
                f"{_AUTHORITY}, {_CERTIFICATE}, {_KEY}"
            )
    client = (str(pair[0]), str(pair[1])) if pair[0] in wanted else None
    return TlsFiles(str(folder / _AUTHORITY) if verified else None, client)


def _folder(environ: Mapping[str, str], home: Path) -> Path:
    return Path(environ.get("DOCKER_CONFIG") or home / ".docker")


def _current_context(config: Path) -> str:
    try:
        said = json.loads(bounded_files.read_any(config, bounded_files.SMALL))
        return str(said.get("currentContext", ""))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, AttributeError) as error:
        raise EndpointError(f"{config} is not readable JSON: {error}; mend or remove it") from error
