"""Tells log lines of containers apart, puts them in order of time, and makes them readable."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from webstack.contract import plain_text

# Keys under which services and nginx log what has a place of its own in a readable line.
MESSAGE_KEYS = ("message", "msg", "event")
LEVEL_KEYS = ("level", "severity")
TIME_KEYS = ("time", "timestamp", "ts")
LONGEST = 1 << 16
"""Bytes of a line that are shown: a program may never end one."""
SHOWN_ELSEWHERE = {*MESSAGE_KEYS, *LEVEL_KEYS, *TIME_KEYS, "unix", "service"}


class Line(msgspec.Struct, frozen=True, order=True):
    """Holds a line as the daemon kept it: RFC 3339 time in UTC, where from, text."""

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


def cut(chunks: Iterable[bytes]) -> Iterator[str]:
    """Cut a log into its lines, each as far as it is bounded.

    Only a line feed ends one: other characters that may are for whoever logs to choose.
    """
    line, left_out = b"", 0
    for chunk in chunks:
        for number, part in enumerate(chunk.split(b"\n")):
            if number:
                yield _bounded(line, left_out)
                line, left_out = b"", 0
            room = LONGEST - len(line)
            line += part[:room]
            left_out += len(part[room:])
    if line:
        yield _bounded(line, left_out)


def _bounded(line: bytes, left_out: int) -> str:
    more = f"… and {left_out} bytes more" if left_out else ""
    return line.decode(errors="replace") + more


def parse(source: str, raw: str) -> Line:
    """Take apart a line that the daemon gave with its time stamp."""
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
        return plain_text.line(f"{head}  {plain_text.uncoloured(line.text)}")
    level = _first(fields, LEVEL_KEYS).upper()
    words = [level, _first(fields, MESSAGE_KEYS), *_rest(fields)]
    return plain_text.line("  ".join([head, *(word for word in words if word)]))


def as_json(line: Line) -> str:
    """Write a line for programs: its own fields, and where and when it was logged."""
    fields = line.fields or {"message": line.text}
    record = {"container_time": line.time, "container": line.source, **fields}
    return plain_text.line(json.dumps(record, ensure_ascii=False))


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(fields[key]) for key in keys if key in fields), "")


def _rest(fields: Mapping[str, Any]) -> list[str]:
    rest = {key: value for key, value in fields.items() if key not in SHOWN_ELSEWHERE}
    return [" ".join(f"{key}={_value(value)}" for key, value in rest.items() if value != "")]


def _value(value: Any) -> str:
    """Quote what could be taken for another field."""
    is_one_word = isinstance(value, str) and not {" ", '"'} & set(value)
    return value if is_one_word else json.dumps(value, ensure_ascii=False)
