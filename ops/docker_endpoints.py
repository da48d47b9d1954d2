"""Where a Docker engine may be listening: what the environment and the docker client say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError

DEFAULT_SOCKET = "unix:///var/run/docker.sock"


@dataclass(frozen=True)
class Endpoint:
    """One address of an engine, and who named it."""

    url: str
    source: str
    certificates: Path | None = None

    @property
    def is_default(self) -> bool:
        """Whether this is the machine's own engine, which we may start."""
        return self.url in (DEFAULT_SOCKET, "unix:///run/docker.sock")

    @property
    def variables(self) -> dict[str, str]:
        """What makes every Docker client that follows use this endpoint.

        Nothing where all do anyway: the SDK would put a variable into the program's providers.
        """
        if self.url == DEFAULT_SOCKET:
            return {}
        variables = {"DOCKER_HOST": self.url}
        if self.certificates:
            variables |= {"DOCKER_CERT_PATH": str(self.certificates), "DOCKER_TLS_VERIFY": "1"}
        return variables


def candidates(environ: Mapping[str, str], home: Path) -> list[Endpoint]:
    """List the endpoints to try, best first.

    One that the user named (variable or context) is the only candidate: silently using another
    engine would put the stack on the wrong machine.
    """
    named = _from_variable(environ) or _from_context(environ, home)
    if named:
        return [named]
    rootless = Path(environ.get("XDG_RUNTIME_DIR") or home / ".docker/run") / "docker.sock"
    return [
        Endpoint(DEFAULT_SOCKET, "default socket"),
        Endpoint(f"unix://{rootless}", "rootless socket"),
    ]


def _from_variable(environ: Mapping[str, str]) -> Endpoint | None:
    url = environ.get("DOCKER_HOST")
    if not url:
        return None
    certificates = environ.get("DOCKER_CERT_PATH") if environ.get("DOCKER_TLS_VERIFY") else None
    return Endpoint(url, "DOCKER_HOST", Path(certificates) if certificates else None)


def _from_context(environ: Mapping[str, str], home: Path) -> Endpoint | None:
    configuration = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    name = environ.get("DOCKER_CONTEXT") or _current_context(configuration / "config.json")
    if name in ("", "default"):
        return None
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = configuration / "contexts/meta" / key / "meta.json"
    try:
        url = json.loads(meta.read_text())["Endpoints"]["docker"]["Host"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise OpsError(
            f'the current Docker context "{name}" cannot be read from {meta}',
            "choose another with `docker context use default`, or set DOCKER_HOST",
        ) from error
    certificates = configuration / "contexts/tls" / key / "docker"
    return Endpoint(url, f'context "{name}"', certificates if certificates.is_dir() else None)


def _current_context(config: Path) -> str:
    try:
        return str(json.loads(config.read_text()).get("currentContext", ""))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, AttributeError) as error:
        raise OpsError(f"{config} is not readable JSON: {error}", "mend or remove it") from error
