"""Reads the access log of nginx, which is a file in a volume that a command of its image reads."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any, Final, NamedTuple

from webstack.cli.terminal.log_lines import Line, cut
from webstack.docker.errors import RefusedError

_COMMAND: Final = "webstack-log"
_AT_A_TIME = 30
"""Seconds that a command in the container goes on: it does not hear that its reader is gone."""
_PAUSE = 1.0
_PLACED: Final = re.compile(r"(\d+:\d+) (.*)", re.DOTALL)
_EARLY = "1970-01-01T00:00:00.000Z"


class Placed(NamedTuple):
    """Holds a line of the log, and the place after it, from which reading may go on."""

    place: str
    text: str


def last_lines(api: Any, proxy: str, count: int) -> list[bytes]:
    """Give the last lines; an nginx of an earlier version has them on its output."""
    found = _last(api, proxy, count)
    if found is None:
        return bytes(api.logs(proxy, stdout=True, stderr=False, tail=count)).splitlines()
    return [placed.text.encode() for placed in found]


def recent(api: Any, proxy: str, source: str, count: int) -> list[Line]:
    """Give the last lines as those of a source; none where nginx writes no such log."""
    return sorted(line(source, placed.text) for placed in _last(api, proxy, count) or ())


def follow(api: Any, running: Callable[[], tuple[str, str] | None], count: int) -> Iterator[Line]:
    """Give lines as they come, through whichever nginx is ``running``: its name, its source.

    All nginx of a stack write to one log, so that reading goes on where it was.
    """
    where = ["--last", str(count)]
    while True:
        with suppress(RefusedError):  # an nginx that ends just now
            if found := running():
                name, source = found
                for placed in _coming(api, name, where):
                    where = ["--after", placed.place]
                    yield line(source, placed.text)
        time.sleep(_PAUSE)


def line(source: str, text: str) -> Line:
    """Give a line of the log its time, in the form of the daemon's."""
    try:
        moment = datetime.fromtimestamp(json.loads(text)["unix"], timezone.utc)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return Line(_EARLY, source, text)
    return Line(f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z", source, text)


def _last(api: Any, proxy: str, count: int) -> list[Placed] | None:
    """Ask for the last lines; None where the image knows no such command."""
    job = api.exec_create(proxy, [_COMMAND, "--last", str(count)], stderr=False)["Id"]
    raw = bytes(api.exec_start(job))
    return None if api.exec_inspect(job)["ExitCode"] else [*_placed(cut([raw]))]


def _coming(api: Any, proxy: str, where: list[str]) -> Iterator[Placed]:
    """Ask for lines as they come."""
    job = api.exec_create(proxy, [_COMMAND, *where, str(_AT_A_TIME)], stderr=False)["Id"]
    return _placed(cut(api.exec_start(job, stream=True)))


def _placed(raw: Iterable[str]) -> Iterator[Placed]:
    """Tell places from lines; a daemon that finds no such command says that in other words."""
    for each in raw:
        if found := _PLACED.fullmatch(each):
            yield Placed(*found.groups())
