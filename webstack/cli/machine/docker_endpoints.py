"""Lists where a Docker daemon may listen, by the environment and the docker client."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from webstack.cli.terminal.errors import OpsError
from webstack.docker.endpoint import DEFAULT_SOCKET, Endpoint, EndpointError, named


def candidates(environ: Mapping[str, str], home: Path) -> list[Endpoint]:
    """List the endpoints to try, best first.

    One that the user named (variable or context) is the only candidate: silently using another
    daemon would put the stack on the wrong machine.
    """
    try:
        said = named(environ, home)
    except EndpointError as error:
        raise OpsError(str(error)) from None
    if said:
        return [said]
    rootless = Path(environ.get("XDG_RUNTIME_DIR") or home / ".docker/run") / "docker.sock"
    return [
        Endpoint(DEFAULT_SOCKET, "default socket"),
        Endpoint(f"unix://{rootless}", "rootless socket"),
    ]
