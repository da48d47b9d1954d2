"""Decides when a Dockerfile needs BuildKit, the daemon's second builder, and reads its reports.

It is reached through the same call as the first one, with the build context as its body. Its
progress comes as protobuf messages, of which only names of steps and lines of output are read.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from webstack.contract import plain_text

VERSION: Final = "2"
_TRACE: Final = "moby.buildkit.trace"
_ITS_OWN: Final = re.compile(
    r"\A(\s*#.*\n)*\s*#\s*syntax\s*="
    r"|^\s*(RUN|COPY|ADD)\s+(--\S+\s+)*"
    r"(--(mount|network|security|link|chmod|parents|exclude|checksum)\b|.*(?<!<)<<-?[\"']?[A-Z_])",
    re.I | re.M,
)
# Fields of the messages StatusResponse, Vertex and VertexLog.
_VERTEX, _LOG, _NAME, _STARTED, _TEXT = 1, 3, 3, 5, 4
_VARINT, _BYTES, _SIZES = 0, 2, {1: 8, 5: 4}


def is_wanted(settings: Mapping[str, Any], dockerfile: str) -> bool:
    """Tell whether to build with BuildKit: the program asks for it, or the Dockerfile needs it."""
    chosen = settings.get("builderVersion")
    return chosen == "BuilderBuildKit" or (chosen is None and bool(_ITS_OWN.search(dockerfile)))


class BuildTrace:
    """Reads the events of one build: the name of each step as it begins, then its output."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def lines(self, event: Mapping[str, Any]) -> Iterator[str]:
        """Return the new lines of an event."""
        if event.get("id") != _TRACE:
            return
        for number, content in _fields(base64.b64decode(event["aux"])):
            inside = dict(_fields(content)) if number in (_VERTEX, _LOG) else {}
            if number == _VERTEX and _STARTED in inside:
                yield from self._begun(_text(inside.get(_NAME, b"")))
            elif number == _LOG:
                yield from plain_text.lines(_text(inside.get(_TEXT, b"")))

    def _begun(self, name: str) -> Iterator[str]:
        if name not in self._told:
            self._told.add(name)
            yield name


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a message that have a length. Numbers are skipped."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            _, position = _varint(message, position)
            continue
        length = _SIZES.get(kind, 0)
        if kind == _BYTES:
            length, position = _varint(message, position)
            yield number, message[position : position + length]
        position += length


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
