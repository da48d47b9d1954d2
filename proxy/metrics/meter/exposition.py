"""Writes what was counted as Prometheus reads it, in its text format."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from meter.cells import Cell, Series
from meter.durations import TOLD, at_most

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ROUTED = ("service", "release", "route")


def exposition(
    totals: Mapping[Series, Cell], unread: int, in_force: Mapping[str, str], alarms: int = 0
) -> str:
    """Give counters and histograms by service, release, route, and counters by status as well."""
    lines = [
        *_family("webstack_requests_total", "counter", "Requests answered.", _counters(totals)),
        *_family(
            "webstack_request_duration_seconds",
            "histogram",
            "How long requests took, from the first byte read to the last one sent.",
            _histograms(totals),
        ),
        *_family(
            "webstack_unread_lines_total",
            "counter",
            "Lines of nginx that could not be counted.",
            [f"webstack_unread_lines_total {unread}"],
        ),
        *_family(
            "webstack_open_alarms",
            "gauge",
            "Alarms that have not ended.",
            [f"webstack_open_alarms {alarms}"],
        ),
        *_family(
            "webstack_release_info",
            "gauge",
            "The release of each service in force.",
            (
                f"webstack_release_info{_labels(service=service, release=release)} 1"
                for service, release in sorted(in_force.items())
            ),
        ),
    ]
    return "".join(f"{line}\n" for line in lines)


def _family(name: str, kind: str, text: str, samples: Iterable[str]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    yield from samples


def _counters(totals: Mapping[Series, Cell]) -> Iterator[str]:
    for series, cell in sorted(totals.items()):
        labels = _labels(**{**_routed(series), "status": str(series.status)})
        yield f"webstack_requests_total{labels} {cell.count}"


def _histograms(totals: Mapping[Series, Cell]) -> Iterator[str]:
    found: dict[tuple[str, ...], Cell] = defaultdict(Cell)
    for series, cell in totals.items():
        found[tuple(_routed(series).values())].join(cell)
    name = "webstack_request_duration_seconds"
    for values, cell in sorted(found.items()):
        told = dict(zip(_ROUTED, values, strict=True))
        for bound in TOLD:
            counted = at_most(cell.buckets, bound)
            yield f"{name}_bucket{_labels(**told, le=f'{bound / 1000:g}')} {counted}"
        yield f"{name}_bucket{_labels(**told, le='+Inf')} {cell.count}"
        yield f"{name}_sum{_labels(**told)} {cell.milliseconds / 1000:.3f}"
        yield f"{name}_count{_labels(**told)} {cell.count}"


def _routed(series: Series) -> dict[str, str]:
    return {name: getattr(series, name) for name in _ROUTED}


def _labels(**values: str) -> str:
    said = ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items())
    return f"{{{said}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
