"""Waits for requests that old containers still answer, before anything stops them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from infra.daemon.failures import ContainerError
from infra.model.rollout_plan import RolloutPlan, targets
from infra.rollout.events import Drained, Timeline
from infra.rollout.running_containers import RunningContainers
from infra.rollout.traffic.live_proxy import LiveProxy, file_name

POLL = 0.2
SETTLE = 0.2
"""Seconds until requests that nginx is passing on just now show among the old connections."""


class Leaving(NamedTuple):
    """Names a socket that will not serve any more, and the grace of its service in seconds."""

    service: str
    socket: str
    grace: int


def leaving(old: RolloutPlan | None, new: RolloutPlan, linked: Mapping[str, str]) -> list[Leaving]:
    """Give the sockets that served so far, by link or by plan, and will not any more.

    ``linked`` has the links before the switch, each with the socket that it led to.
    """
    links = {file_name(to): file_name(link).rpartition("-")[0] for link, to in linked.items()}
    before = old.services if old else {}
    plan = {target.socket: name for name, each in before.items() for target in each.replicas}
    kept = {target.socket for target in targets(new.services)}
    known = {**new.services, **before}
    longest = max(service.grace for service in known.values())
    return [
        Leaving(name, socket, known[name].grace if name in known else longest)
        for socket, name in {**links, **plan}.items()
        if socket not in kept
    ]


@dataclass(frozen=True)
class Draining:
    """Watches the connections of nginx to sockets that leave.

    While one nginx follows another, either of the two ``proxies`` may have some.
    """

    containers: RunningContainers
    proxies: tuple[str, ...]
    timeline: Timeline = field(default_factory=Timeline)

    def wait(self, sockets: Sequence[Leaving]) -> None:
        """Wait until no request is in, or on its way to, a container that will be stopped.

        Each service is waited for no longer than its grace.
        """
        time.sleep(SETTLE)
        began = time.monotonic()
        waited = {each.socket for each in sockets}
        while self._open_connections(waited):
            time.sleep(POLL)
            passed = time.monotonic() - began
            waited = {each.socket for each in sockets if each.grace > passed}
        for each in sockets:
            self.timeline.tell(Drained(service=each.service, socket=each.socket))

    def _open_connections(self, sockets: Set[str]) -> int:
        """Count the connections that are open to these sockets."""
        present, *before = self.proxies
        count = LiveProxy(self.containers, present).connections(sockets)
        for name in before:
            with suppress(ContainerError):  # it is gone already, and its connections with it
                count += LiveProxy(self.containers, name).connections(sockets)
        return count
