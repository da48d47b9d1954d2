"""Tell whether streams lasted as promised: until a container on their way had drained."""

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
    """A container was told to stop; ``container`` has the first digits of its id."""

    when: float
    container: str
    role: str
    signal: str


def signals(project: str, since: float) -> list[Signal]:
    """Read from the daemon's events which containers were told to stop."""
    lines = docker(
        "events",
        *("--since", f"{since:.3f}", "--until", f"{time.time():.3f}"),
        *("--filter", f"label=webstack.project={project}", "--filter", "event=kill"),
        *("--format", "{{json .}}"),
    ).splitlines()
    return [_signal(json.loads(line)) for line in lines]


@dataclass(frozen=True)
class Promise:
    """The promise to streams: a container goes on for so many seconds after it is told to stop.

    A container that is killed at once, without being asked first, takes its streams with it.
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
        """Count the streams that ended in this time although no container of theirs had drained."""
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
