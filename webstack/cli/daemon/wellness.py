"""Tells whether what the state declares does what it is there for.

A release has asked its services before users reached them; this asks all there is, afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.service_answers import bad_answers, questions
from webstack.cli.state.stack_state import StackState
from webstack.docker.errors import NotFoundError

LATELY = 60
"""Seconds that a container that was restarted has to run before it counts as mended."""
_LOOK_AGAIN = 0.25
_USUAL_PROBE, _USUAL_RETRIES = 30, 3
"""What the daemon takes where a health check does not say it, in seconds and times."""


def fault(
    found: Mapping[str, Any], ran: float, *, runs_on: bool = True, by_check: bool = True
) -> str:
    """Say what is wrong with a container, as the daemon describes it; empty where nothing is.

    ``ran`` is for how many seconds it has been running; one that is not meant to run on may end.
    Its health check counts only ``by_check``: on a busy machine the daemon's tries come late, one
    after the other, and somebody who has asked the container since knows better.
    """
    state, restarts = found["State"], int(found.get("RestartCount") or 0)
    status, code = state["Status"], int(state.get("ExitCode") or 0)
    if status == "restarting":
        return f"ends and is restarted again and again ({restarts} times, exit code {code})"
    if status == "running" and restarts and ran < LATELY:
        return f"was restarted {restarts} times, the last time {ran:.0f} s ago"
    if by_check and (state.get("Health") or {}).get("Status") == "unhealthy":
        return "is unhealthy by its own health check"
    if status in ("exited", "dead", "created") and (runs_on or code):
        killed = ", out of memory" if state.get("OOMKilled") else ""
        return "never ran" if status == "created" else f"has ended (exit code {code}{killed})"
    return "is paused" if status == "paused" else ""


def longest_start(found: Mapping[str, Any]) -> float:
    """Give the seconds within which the daemon itself says how healthy a container is.

    It tries the container's health check so many times after its start period; where that has no
    numbers of its own, those of the daemon hold.
    """
    check = (found.get("Config") or {}).get("Healthcheck") or {}
    interval, timeout = ((check.get(key) or 0) / 1e9 for key in ("Interval", "Timeout"))
    tries = check.get("Retries") or _USUAL_RETRIES
    period = (check.get("StartPeriod") or 0) / 1e9
    return float(period + tries * ((interval or _USUAL_PROBE) + (timeout or _USUAL_PROBE)))


def is_starting(found: Mapping[str, Any]) -> bool:
    """Tell whether a container runs whose health check has not said yet how it is."""
    state = found["State"]
    health = (state.get("Health") or {}).get("Status")
    return bool(state["Status"] == "running" and health == "starting")


@dataclass(frozen=True)
class Wellness:
    """Looks on the daemon at what the state of a stack declares.

    Who is asked has so many ``tries``, of which none takes longer than ``longest`` seconds. Who
    is not asked has to have run for the seconds of ``settled``; if it has a health check, it is
    waited for until that has said how it is, up to the seconds of ``patience``.
    """

    api: Any
    state: StackState
    tries: int = 3
    longest: float = 5
    settled: float = 3
    patience: float = 0

    def faults(self) -> dict[str, str]:
        """Give by container what is wrong with it.

        Raises OpsError where the daemon does not answer.
        """
        release = self.state.release()
        roles = [*_in_background(release)]
        provided = self.state.provided()
        declared = {**self.state.declared(), **dict.fromkeys([*roles, *provided], True)}
        asked_themselves = answering(release)
        seen = {*asked_themselves, *roles, *provided}
        with plain_errors(), ThreadPoolExecutor(8) as pool:
            looks = {
                name: pool.submit(
                    self._look,
                    name,
                    runs_on,
                    asked=name in asked_themselves,
                    anew=name not in seen,
                )
                for name, runs_on in declared.items()
            }
            asked = list(questions(release, self.state.urls(), self.longest))
            answers = pool.submit(bad_answers, self.api, asked, self.tries)
            found = {name: look.result() for name, look in looks.items()}
            for name, said in answers.result().items():
                found[name] = found.get(name) or said
        return {name: said for name, said in found.items() if said}

    def _look(self, name: str, runs_on: bool, *, asked: bool, anew: bool) -> str:
        """Look at one; that is ``anew``, seen by no release, has to have run for a moment."""
        try:
            found = self.api.inspect_container(name)
            ran = _ran(found)
            if anew and found["State"]["Status"] == "running" and ran < self.settled:
                time.sleep(self.settled - max(ran, 0))
                found = self.api.inspect_container(name)
            if anew:
                found = self._started(name, found)
        except NotFoundError:
            return "is gone" if runs_on else ""
        if anew and self.patience and is_starting(found):
            return f"is still starting by its own health check after {_ran(found):.0f} s"
        # One that is asked tells by its answers whether it is well again.
        ran = LATELY if asked else _ran(found)
        return fault(found, ran, runs_on=runs_on, by_check=not asked)

    def _started(self, name: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """Describe a container once its health check has said how it is, or takes too long."""
        until = time.monotonic() + min(self.patience, max(longest_start(found) - _ran(found), 0))
        while is_starting(found) and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN)
            found = self.api.inspect_container(name)
        return found


def _in_background(release: Mapping[str, Any]) -> Iterator[str]:
    """Give the containers of roles, which the release starts: all have to run on."""
    for role in (release.get("roles") or {}).values():
        yield from role["containers"]


def answering(release: Mapping[str, Any]) -> set[str]:
    """Name the containers that answer for themselves: replicas, their relays, and the proxy."""
    services: Mapping[str, Any] = release.get("services") or {}
    targets = [target for each in services.values() for target in each["replicas"]]
    served = {name for each in targets for name in (each["container"], *each.get("pids", ()))}
    own = (release.get(key) for key in ("proxy", "holder", "tls_holder"))
    return served | {str(name) for name in own if name} if services else set()


def _ran(found: Mapping[str, Any]) -> float:
    """Give for how many seconds it has been running."""
    began = datetime.fromisoformat(f"{found['State']['StartedAt'][:19]}+00:00")
    return (datetime.now(timezone.utc) - began).total_seconds()
