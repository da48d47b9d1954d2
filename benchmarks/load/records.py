"""One record for each request that the clients sent, and what all of them come to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Record(NamedTuple):
    """One request: when it began, how long it took, and how it failed if it did.

    For a stream, ``seconds`` is how long the stream lasted, and ``failure`` is how it ended.
    """

    client: str
    began: float
    seconds: float
    failure: str
    container: str
    slow: bool
    stream: bool

    @property
    def ended(self) -> float:
        """Give the time at which it ended, in seconds since the epoch."""
        return self.began + self.seconds


@dataclass(frozen=True)
class Result:
    """One scenario: the number of requests, the failures by kind, and the times in seconds."""

    name: str
    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    before: tuple[float, ...] = ()
    during: tuple[float, ...] = ()
    live: tuple[float, ...] = ()
    note: str = ""

    def __add__(self, other: Result) -> Result:
        """Add up two runs of the same scenario."""
        return Result(
            self.name,
            self.requests + other.requests,
            self.failures + other.failures,
            self.before + other.before,
            self.during + other.during,
            self.live + other.live,
            self.note or other.note,
        )

    @property
    def failed(self) -> int:
        """Give how many requests failed, in whatever way."""
        return self.failures.total()


def result(name: str, records: Iterable[Record], start: float, end: float, calm: float) -> Result:
    """Take together the requests that began between two moments, and the requests just before."""
    found = [record for record in records if not record.stream]
    during = [record for record in found if start <= record.began < end]
    before = [record for record in found if start - calm <= record.began < start]
    return Result(
        name,
        len(during),
        Counter(f"{record.client}: {record.failure}" for record in during if record.failure),
        _times(before),
        _times(during),
    )


def percentile(values: Sequence[float], part: float) -> float:
    """Give the value below which this part of all values lies; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def read(file: Path) -> list[Record]:
    """Read the records that a generator has written so far."""
    lines = file.read_text().rpartition("\n")[0].splitlines()
    return [Record(*json.loads(line)) for line in lines]


def _times(records: Iterable[Record]) -> tuple[float, ...]:
    return tuple(r.seconds for r in records if not r.slow and not r.failure)
