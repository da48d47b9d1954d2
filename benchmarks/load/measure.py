"""Measure scenarios, and show as a table what the clients met in each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from statistics import median

from benchmarks.load.generator import Load
from benchmarks.load.records import Result, percentile, result
from benchmarks.load.streams import Promise

CALM = 1.0
"""Seconds before and after a change, in which the change is not under way."""


def measured(name: str, act: Callable[[], float], load: Load, promise: Promise | None) -> Result:
    """Let a change happen under load, and take together what the clients met."""
    time.sleep(CALM)
    start = time.time()
    live = act()
    time.sleep(CALM)
    end = time.time()
    records = load.records()
    found = result(name, records, start, end, CALM)
    broken = promise.broken(records, start, end) if promise else Counter()
    return replace(found, live=(live,), failures=found.failures + broken)


def table(results: Iterable[Result]) -> Iterator[str]:
    """Give the lines of a table in Markdown: milliseconds, and seconds until live."""
    yield "| scenario | requests | failed | p50 / p99 before | p50 / p99 during | live after |"
    yield "|---|---:|---:|---:|---:|---:|"
    for each in results:
        times = [_milliseconds(each.before), _milliseconds(each.during)]
        live = f"{median(each.live):.1f} s" if each.live else ""
        cells = [each.name, f"{each.requests:,}", str(each.failed), *times, live]
        yield f"| {' | '.join(cells)} |"


def failures(results: Iterable[Result]) -> Iterator[str]:
    """Give a line for each kind of failure."""
    for each in results:
        for what, count in sorted(each.failures.items()):
            yield f"{each.name}: {count} x {what}"


def _milliseconds(times: tuple[float, ...]) -> str:
    return " / ".join(f"{percentile(times, part) * 1000:.0f}" for part in (0.5, 0.99)) + " ms"
