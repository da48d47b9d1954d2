"""Reads and writes the connection of a command in a container."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

_HEAD: Final = 8
"""Bytes before each piece of output: which stream it is of, and how long it is."""
_CHUNK: Final = 1 << 16


class Output(Protocol):
    """Gives what a command has written, as it comes."""

    def recv(self, size: int) -> bytes:
        """Wait for more; gives ``size`` bytes at most, and none at the end."""


class Stream:
    """Talks with a command until either side ends; it may be silent for as long as it likes."""

    def __init__(self, plain: socket.socket, read: Any, end: Callable[[], None]) -> None:
        """Take a socket, what reads it, with what came of it already, and what closes both."""
        self._socket = plain
        self._read = read
        self._end = end
        plain.settimeout(None)

    def recv(self, size: int) -> bytes:
        """Wait for output; gives ``size`` bytes at most, and none at the end."""
        return bytes(self._read.read1(size))

    def sendall(self, data: bytes) -> None:
        """Send input."""
        self._socket.sendall(data)

    def shutdown(self, how: int) -> None:
        """End one direction, or both, as of a socket."""
        self._socket.shutdown(how)

    def close(self) -> None:
        """Close the connection."""
        self._end()
        self._read.close()


def frames(stream: Output) -> Iterator[tuple[int, bytes]]:
    """Give the output of a command without a terminal: 1 for its output or 2 for its errors."""
    while len(head := _exactly(stream, _HEAD)) == _HEAD:
        left = int.from_bytes(head[4:], "big")
        while left and (piece := stream.recv(min(left, _CHUNK))):
            left -= len(piece)
            yield head[0], piece


def of_frames(content: bytes) -> bytes:
    """Give all output of a command whose frames have come as a whole."""
    parts, at = [], 0
    while at + _HEAD <= len(content):
        end = at + _HEAD + int.from_bytes(content[at + 4 : at + _HEAD], "big")
        parts.append(content[at + _HEAD : end])
        at = end
    return b"".join(parts)


def _exactly(stream: Output, size: int) -> bytes:
    found = b""
    while len(found) < size and (piece := stream.recv(size - len(found))):
        found += piece
    return found
