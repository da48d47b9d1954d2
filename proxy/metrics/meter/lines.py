"""Reads the lines that nginx writes for the meter, one for each request.

``2026-11-29T06:00:01+00:00 shop 200 0.012 MISS 1 200``: time, service, status, seconds, cache,
whether it is a stream, and the status of each replica that was asked. Any but the first, third and
fourth may be empty. No line has any word of the client's.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

_LINE = re.compile(
    rb"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d)"
    rb" (?P<service>[a-z][a-z0-9-]{0,62}|)"
    rb" (?P<status>\d{3})"
    rb" (?P<seconds>\d{1,6})[.](?P<thousandths>\d{3})"
    rb" (?P<cache>[A-Z]{0,16})"
    rb" (?P<stream>1?)"
    rb" (?P<asked>[0-9 ,:-]{0,400})"
)
_FROM_CACHE = frozenset((b"HIT", b"STALE", b"UPDATING", b"REVALIDATED"))
_OF_FILES = frozenset((200, 206, 304, 416))


class Request(NamedTuple):
    """Holds what is counted of a request: when it ended, in seconds, and how long it took, in ms.

    ``route`` is ``application``, ``cache`` (answered from what nginx keeps), ``miss`` (asked for
    there in vain), ``file``, ``stream``, or ``proxy`` for what nginx answers by itself.
    """

    at: int
    service: str
    route: str
    status: int
    milliseconds: int


def counted(lines: Iterable[bytes]) -> Iterator[tuple[Request | None, int]]:
    """Give each request with how many are the same, and None with those that cannot be read.

    Most lines of a second are the same as others: each is read once.
    """
    for line, count in Counter(lines).items():
        yield read(line), count


def read(line: bytes) -> Request | None:
    """Read one line, without its end; None if it is none of nginx's."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    at = _seconds(found["time"])
    if at is None:
        return None
    status = int(found["status"])
    route = _route(found["cache"], bool(found["stream"]), bool(found["asked"].strip()), status)
    took = int(found["seconds"]) * 1000 + int(found["thousandths"])
    return Request(at, found["service"].decode(), route, status, took)


def _route(cache: bytes, stream: bool, asked: bool, status: int) -> str:
    if stream and asked:
        return "stream"
    if cache:
        return "cache" if cache in _FROM_CACHE else "miss"
    if asked:
        return "application"
    return "file" if status in _OF_FILES else "proxy"


@lru_cache(maxsize=64)
def _seconds(text: bytes) -> int | None:
    try:
        return int(datetime.fromisoformat(text.decode()).timestamp())
    except (ValueError, OverflowError):
        return None
