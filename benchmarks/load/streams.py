"""Whether streams ended as promised: not before the drain time of a container on their way."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks.load.records import Record
from benchmarks.load.trial import docker

TOLERANCE = 1.0
"""Seconds by which clocks and signals may differ."""

SETTLE = 3.0
"""Seconds for which a proxy that was told to stop still accepts."""

KILL = "9"


class Signal(NamedTuple):
    """A container was told to stop; it is named by the first digits of its id."""

    when: float
    container: str
    role: str
    signal: str


def signals(project: str, since: float) -> list[Signal]:
    """Read from the daemon's events who was told to stop."""
    lines = docker(
        "events",
        *("--since", f"{since:.3f}", "--until", f"{time.time():.3f}"),
        *("--filter", f"label=webstack.project={project}", "--filter", "event=kill"),
        *("--format", "{{json .}}"),
    ).splitlines()
    return [_signal(json.loads(line)) for line in lines]


@dataclass(frozen=True)
class Promise:
    """What the containers of a project owe to streams: so many seconds after they are told to stop.

    What is killed at once, without being asked first, takes its streams with it.
    """

    project: str
    grace: float

    def broken(
        self,
        records: Iterable[Record],
        start: float,
        end: float,
        told_since: Callable[[str, float], Iterable[Signal]] = signals,
    ) -> Counter[str]:
        """Streams that ended in this time though nothing on their way had drained so long."""
        streams = [record for record in records if record.stream and start <= record.ended < end]
        if not streams:
            return Counter()
        told = told_since(self.project, min(record.began for record in streams))
        return Counter(
            f"{record.client}: {record.failure} after {record.seconds:.1f} s"
            for record in streams
            if record.failure != "ended" or not self._drained(record, told)
        )

    def _drained(self, record: Record, told: Iterable[Signal]) -> bool:
        first: dict[str, Signal] = {}
        for signal in told:
            concerned = signal.container == record.container or signal.role == "proxy"
            if concerned and signal.when > record.began - SETTLE:
                first.setdefault(signal.container, signal)
        return any(
            record.ended >= signal.when + (0 if signal.signal == KILL else self.grace - TOLERANCE)
            for signal in first.values()
        )


def _signal(event: dict[str, Any]) -> Signal:
    actor = event["Actor"]
    attributes = actor["Attributes"]
    return Signal(
        event["timeNano"] / 1e9,
        actor["ID"][:12],
        attributes.get("webstack.role", ""),
        attributes.get("signal", ""),
    )
