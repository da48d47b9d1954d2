"""One log line of a container: told apart, put in order of time, and made readable."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

# Keys under which services and nginx log what has a place of its own in a readable line.
MESSAGE_KEYS = ("message", "msg", "event")
LEVEL_KEYS = ("level", "severity")
TIME_KEYS = ("time", "timestamp", "ts")
SHOWN_ELSEWHERE = {*MESSAGE_KEYS, *LEVEL_KEYS, *TIME_KEYS, "service"}


class Line(msgspec.Struct, frozen=True, order=True):
    """A line as the engine kept it: RFC 3339 time in UTC, where from, text."""

    time: str
    source: str
    text: str

    @property
    def fields(self) -> Mapping[str, Any] | None:
        """Give the fields of a structured line, None for any other."""
        if not self.text.startswith("{"):
            return None
        try:
            fields = json.loads(self.text)
        except ValueError:
            return None
        return fields if isinstance(fields, dict) else None


def parse(source: str, raw: str) -> Line:
    """Take apart a line that the engine gave with its time stamp."""
    time, _, text = raw.rstrip("\r\n").partition(" ")
    return Line(time, source, text)


def merged(streams: Iterable[Iterable[Line]]) -> Iterator[Line]:
    """Put the lines of several containers in order of time."""
    return heapq.merge(*streams)


def readable(line: Line, width: int) -> str:
    """Write a line for people, its source in a column of ``width``."""
    head = f"{line.time[11:23]} {line.source.ljust(width)}"
    fields = line.fields
    if fields is None:
        return f"{head}  {line.text}"
    level = _first(fields, LEVEL_KEYS).upper()
    words = [level, _first(fields, MESSAGE_KEYS), *_rest(fields)]
    return "  ".join([head, *(word for word in words if word)])


def as_json(line: Line) -> str:
    """Write a line for programs: its own fields, and where and when it was logged."""
    fields = line.fields or {"message": line.text}
    record = {"container_time": line.time, "container": line.source, **fields}
    return json.dumps(record, ensure_ascii=False)


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(fields[key]) for key in keys if key in fields), "")


def _rest(fields: Mapping[str, Any]) -> list[str]:
    rest = {key: value for key, value in fields.items() if key not in SHOWN_ELSEWHERE}
    return [" ".join(f"{key}={_value(value)}" for key, value in rest.items() if value != "")]


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f'"{text}"' if " " in text and isinstance(value, str) else text
