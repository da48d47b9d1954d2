"""Finds a Docker daemon that answers, among the endpoints where one may be."""

from __future__ import annotations

from webstack.cli.machine.docker_ping import Alive, Dead, ping
from webstack.cli.terminal.errors import OpsError
from webstack.contract import stack_host
from webstack.docker.endpoint import Endpoint

API_FLOOR = (1, 41)
FORBIDDEN = (
    "let this user use it (as root: `usermod -aG docker $USER`, then log in again), or run as root"
)


def find(endpoints: list[Endpoint]) -> Endpoint | None:
    """Give the first endpoint that answers; raises where a dead one must not be passed over."""
    dead = []
    for endpoint in endpoints:
        answer = ping(endpoint)
        if isinstance(answer, Alive):
            _require_version(endpoint, answer.api)
            return endpoint
        dead.append((endpoint, answer))
    for endpoint, answer in dead:
        _require_passable(endpoint, answer)
    return None


def _require_version(endpoint: Endpoint, api: tuple[int, int]) -> None:
    if api < API_FLOOR:
        spoken, needed = (".".join(map(str, version)) for version in (api, API_FLOOR))
        raise OpsError(
            f"the Docker daemon at {endpoint.url} speaks API {spoken}, older than {needed}",
            "upgrade it to Docker 20.10 or later",
        )


def _require_passable(endpoint: Endpoint, answer: Dead) -> None:
    where = f"{endpoint.url} ({endpoint.source})"
    if answer.forbidden:
        raise OpsError(f"this user may not use the Docker daemon at {where}", FORBIDDEN)
    if endpoint.source.endswith("socket") or endpoint.is_default:
        return
    if endpoint.source == stack_host.SETTING:
        way_out = "start it, correct the setting, or `webstack host prepare` sets it up"
    else:
        way_out = "start it, or name another with DOCKER_HOST or `docker context use`"
    raise OpsError(f"no Docker daemon answers at {where}: {answer.reason}", way_out)
