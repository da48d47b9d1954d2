"""Watches a container that was just started."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from webstack.engine.model.provider import Properties, ProviderError
from webstack.engine.providers.docker.client.api import inspect
from webstack.engine.providers.docker.container.logs import last_lines, read_logs
from webstack.engine.providers.docker.resource.resource import DockerSite

_INTERVAL: Final = 0.1
_SETTLING: Final = 0.2
"""How long a container without a health check must run before it counts as running."""


def see_it_run(site: DockerSite, id_: str, inputs: Properties, timeout: float | None) -> None:
    """Wait until the container is healthy, or has run for a moment; raises when it fails."""
    healthy = bool(inputs.get("wait"))
    limit = min(inputs["waitTimeout"], timeout or inputs["waitTimeout"]) if healthy else _SETTLING
    deadline = site.now() + limit
    while True:
        seen = inspect(site.daemon, f"/containers/{id_}/json")
        # A container with `rm` may have done its work and gone already.
        if seen is None or _is_there(site, seen, inputs):
            return
        if site.now() >= deadline:
            if not healthy:
                return
            raise ProviderError(
                f"not healthy within {limit:g} seconds (waitTimeout){_evidence(site, seen)}"
            )
        site.sleep(_INTERVAL)


def _is_there(site: DockerSite, seen: Mapping[str, Any], inputs: Properties) -> bool:
    """Tell whether the wait is over; raises when the container ended or is unhealthy."""
    state = seen["State"]
    if not state["Running"] or state["Restarting"] or seen["RestartCount"]:
        if not inputs.get("mustRun") and not inputs.get("wait"):
            return True
        memory = ", out of memory" if state["OOMKilled"] else ""
        code = _exit_code(site, seen)
        known = "" if code is None else f" with code {code}"
        raise ProviderError(f"exited{known}{memory}{_evidence(site, seen)}")
    return bool(inputs.get("wait")) and _is_healthy(site, seen)


def _exit_code(site: DockerSite, seen: Mapping[str, Any]) -> int | None:
    """Return the code of its last exit; None where the Docker daemon has forgotten it.

    One that was started again has no code of its own any more: there the events tell.
    """
    state = seen["State"]
    if not state["Running"] or state["Restarting"]:
        return int(state["ExitCode"])
    ended = int(datetime.fromisoformat(f"{state['FinishedAt'][:19]}+00:00").timestamp())
    filters = json.dumps({"container": [seen["Id"]], "event": ["die"]})
    query = {"since": ended, "until": ended + 2, "filters": filters}
    lines = site.daemon.read("/events", query=query).splitlines()
    codes = [int(json.loads(line)["Actor"]["Attributes"]["exitCode"]) for line in lines]
    return codes[-1] if codes else None


def _is_healthy(site: DockerSite, seen: Mapping[str, Any]) -> bool:
    health = seen["State"].get("Health")
    if health is None:
        raise ProviderError("wait needs a health check, and neither program nor image has one")
    if health["Status"] == "unhealthy":
        raise ProviderError(f"unhealthy{_evidence(site, seen)}")
    return bool(health["Status"] == "healthy")


def wait_for_end(
    site: DockerSite, id_: str, inputs: Properties, timeout: float | None
) -> str | None:
    """Wait until the container ends by itself; returns its output if that is recorded."""
    deadline = None if timeout is None else site.now() + timeout
    while (seen := inspect(site.daemon, f"/containers/{id_}/json")) and seen["State"]["Running"]:
        if deadline is not None and site.now() >= deadline:
            raise ProviderError(f"still running after {timeout:g} seconds (customTimeouts)")
        site.sleep(_INTERVAL)
    return read_logs(site, id_, inputs.get("tty", False)) if inputs.get("logs") else None


def _evidence(site: DockerSite, seen: Mapping[str, Any]) -> str:
    """Return the last words of the health check and of the container, indented, a line each."""
    checks = (seen["State"].get("Health") or {}).get("Log") or []
    said = checks[-1]["Output"].strip().splitlines()[-5:] if checks else []
    health = [f"health check: {line}" for line in said]
    logs = last_lines(site, seen["Id"], seen["Config"]["Tty"])
    return "".join(f"\n    {line}" for line in [*health, *logs])
