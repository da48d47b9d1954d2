"""Reads the output of a container."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from webstack.engine.providers.docker.client.api import DaemonRefusedError
from webstack.engine.providers.docker.resource.resource import DockerSite

_HEADER: Final = struct.Struct(">BxxxL")
_LINES: Final = 20


def last_lines(site: DockerSite, id_: str, tty: bool) -> list[str]:
    """Return the last lines of a container's output; none if they cannot be read."""
    try:
        return read_logs(site, id_, tty, tail=str(_LINES)).splitlines()[-_LINES:]
    except DaemonRefusedError:
        return []


def read_logs(site: DockerSite, id_: str, tty: bool, tail: str = "all") -> str:
    """Return what a container wrote to both of its streams."""
    query = {"stdout": "true", "stderr": "true", "tail": tail}
    raw = site.daemon.read(f"/containers/{id_}/logs", query=query)
    return (raw if tty else b"".join(frames(raw))).decode(errors="replace")


def frames(raw: bytes) -> Iterator[bytes]:
    """Return the text of both streams, unpacked from the frames in which Docker mixes them."""
    position = 0
    while position + _HEADER.size <= len(raw):
        _, length = _HEADER.unpack_from(raw, position)
        position += _HEADER.size
        yield raw[position : position + length]
        position += length
