"""Reads what was counted of requests, from the container that counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from webstack.cli.daemon.container_json import json_of
from webstack.cli.daemon.containers import Container
from webstack.contract import plain_text

ROLE = "metrics"
HEADINGS = (
    *("SERVICE", "RELEASE", "REQUESTS/S", "ERRORS", "P50", "P95", "P99"),
    *("IN FLIGHT", "CACHE"),
)
_NGINX = "(nginx)"
_Answer = TypeVar("_Answer")


class Requests(msgspec.Struct, frozen=True):
    """Holds the requests to a release of a service in some time; quantiles in seconds.

    ``service`` is empty for what nginx answers for no service. ``rate`` and ``in_flight`` are means
    of the time, ``errors`` answers with a status from 500.
    """

    service: str
    release: str
    requests: int = 0
    rate: float = 0
    errors: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    in_flight: float = 0
    cache_hits: int = 0
    cache_asked: int = 0
    routes: dict[str, int] = {}
    statuses: dict[str, int] = {}

    @property
    def cells(self) -> tuple[str, ...]:
        """Give what a table shows of it."""
        return (
            self.service or _NGINX,
            self.release,
            f"{self.rate:.1f}",
            _share(self.errors, self.requests) if self.errors else "0",
            *(_duration(each) for each in (self.p50, self.p95, self.p99)),
            f"{self.in_flight:.1f}",
            _share(self.cache_hits, self.cache_asked) if self.cache_asked else "",
        )


class Traffic(msgspec.Struct, frozen=True):
    """Holds the requests of the last ``seconds``, counted since ``since`` (seconds of the clock).

    ``unread`` lines of nginx could not be counted. ``trouble`` says what keeps it from counting.
    ``in_force`` names the release of each service; ``alarms`` are those that have not ended.
    """

    seconds: float
    since: int | None
    unread: int
    trouble: str
    in_force: dict[str, str]
    rows: tuple[Requests, ...]
    alarms: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Requests, ...]:
        """Give all that was asked, and the releases in force that nobody asked."""
        asked = {(each.service, each.release) for each in self.rows}
        silent = (pair for pair in self.in_force.items() if pair not in asked)
        return tuple(
            sorted(
                (*self.rows, *(Requests(*pair) for pair in silent)),
                key=lambda each: (not each.service, each.service, each.release),
            )
        )

    @property
    def sentence(self) -> str:
        """Say in one line what there was."""
        total = sum(each.requests for each in self.rows)
        errors = sum(each.errors for each in self.rows)
        return (
            f"{total:,} requests in the last {self.seconds:.0f} s, {total / self.seconds:.1f} a "
            f"second, {errors:,} of them failed."
        )

    @property
    def warnings(self) -> list[str]:
        """Say what is wrong, a line for each."""
        unread = f"{self.unread:,} lines of nginx could not be counted" if self.unread else ""
        said = (f"warning: {each}" for each in (unread, self.trouble) if each)
        return [plain_text.line(each) for each in (*said, *(f"alarm: {it}" for it in self.alarms))]


def counting(containers: Iterable[Container]) -> str | None:
    """Give the container that counts, if one runs."""
    names = (each.name for each in containers if each.role == ROLE and each.state == "running")
    return next(names, None)


def traffic(api: Any, container: str, seconds: int) -> Traffic | None:
    """Give what it has counted lately; None if it cannot say."""
    return asked(api, container, f"/top?span={seconds}", Traffic)


def asked(api: Any, container: str, target: str, kind: type[_Answer]) -> _Answer | None:
    """Ask the container that counts; None if it cannot say."""
    return json_of(api, container, ("python3", "-m", "meter", "ask", target), kind)


def as_json(found: Traffic) -> Mapping[str, Any]:
    """Give what programs are shown."""
    said: dict[str, Any] = msgspec.to_builtins(found)
    del said["in_force"]
    return {**said, "rows": msgspec.to_builtins(found.shown)}


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.1%})"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 0.001:
        return "<1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
