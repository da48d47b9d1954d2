"""Says what the requests of some time were like, by service and release."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from meter.cells import Cell, Series, joined
from meter.durations import quantile
from meter.store import SLOT

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_SERVER_ERROR = 500


def rows(cells: Iterable[tuple[int, Series, Cell]], seconds: float) -> list[dict[str, Any]]:
    """Give a mapping for each service and release that was asked in so many seconds.

    ``rate`` and ``in_flight`` are means of that time. Quantiles are seconds. Streams are counted;
    as they last for as long as a client likes, they have no part in what was in flight or how long
    it took.
    """
    found: dict[tuple[str, str], dict[Series, Cell]] = defaultdict(dict)
    for _, series, cell in cells:
        found[series.service, series.release].setdefault(series, Cell()).join(cell)
    return [
        {"service": service, "release": release, **_row(found[service, release], seconds)}
        for service, release in sorted(found)
    ]


def window(now: float, span: float) -> tuple[int, int]:
    """Give where the slots begin and end that cover the last ``span`` seconds."""
    start = int(now - span) // SLOT * SLOT
    return start, int(now) + 1


def _row(cells: Mapping[Series, Cell], seconds: float) -> dict[str, Any]:
    counts = {series: cell.count for series, cell in cells.items()}
    total = sum(counts.values())
    errors = sum(count for series, count in counts.items() if series.status >= _SERVER_ERROR)
    timed = joined(cell for series, cell in cells.items() if series.route != "stream")
    hits = _of_route(counts, "cache")
    return {
        "requests": total,
        "rate": total / seconds,
        "errors": errors,
        **{name: quantile(timed.buckets, share) for name, share in QUANTILES.items()},
        "in_flight": timed.milliseconds / 1000 / seconds,
        "cache_hits": hits,
        "cache_asked": hits + _of_route(counts, "miss"),
        "routes": _by(counts, "route"),
        "statuses": _by(counts, "status"),
    }


def _of_route(counts: Mapping[Series, int], route: str) -> int:
    return sum(count for series, count in counts.items() if series.route == route)


def _by(counts: Mapping[Series, int], what: str) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for series, count in counts.items():
        found[str(getattr(series, what))] += count
    return dict(sorted(found.items()))
