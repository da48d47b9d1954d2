"""Asks a Docker daemon at a unix socket with little of the standard library.

The client of Docker's SDK takes longer to be imported than all of this takes. Each call is one of
HTTP/1.0, so that the daemon ends the answer by closing the connection.
"""

from __future__ import annotations

import json
import socket
from typing import Any, Final

_SECONDS: Final = 5.0
_API: Final = "/v1.41"
_LARGEST: Final = 64 << 20
"""Bytes of an answer."""
_FRAME: Final = 8
"""Bytes before each piece of a command's output: its kind, and how long it is."""


class DaemonError(Exception):
    """Reports that the daemon did not answer as it should."""


class Exchange:
    """One call that has been sent; its answer is read when it is wanted."""

    def __init__(self, path: str, method: str, url: str, body: Any = None) -> None:
        """Connect to the socket at ``path`` and send; raises DaemonError."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {_API}{url} HTTP/1.0\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(_SECONDS)
            self._socket.connect(path)
            self._socket.sendall(head.encode() + content)
        except OSError as error:
            self._socket.close()
            raise DaemonError(str(error)) from None

    def body(self) -> bytes:
        """Read the answer; raises DaemonError where it is none of success."""
        pieces, size = [], 0
        try:
            while piece := self._socket.recv(1 << 16):
                pieces.append(piece)
                size += len(piece)
                if size > _LARGEST:
                    raise DaemonError("the answer is too large")
        except OSError as error:
            raise DaemonError(str(error)) from None
        finally:
            self._socket.close()
        head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        if not status or not status[0].startswith((b"2", b"101")):
            raise DaemonError(f"the answer was {head[:60]!r}")
        return body

    def close(self) -> None:
        """Read no answer any more."""
        self._socket.close()

    def value(self) -> Any:
        """Read the answer as JSON."""
        try:
            return json.loads(self.body())
        except ValueError as error:
            raise DaemonError(str(error)) from None


def get(path: str, url: str) -> Any:
    """Ask for a value."""
    return Exchange(path, "GET", url).value()


def begin(path: str, container: str, command: list[str]) -> Exchange:
    """Start a command in a container; its output is read by `output`."""
    asked = {"Cmd": command, "AttachStdout": True}
    made = Exchange(path, "POST", f"/containers/{container}/exec", asked).value()
    return Exchange(path, "POST", f"/exec/{made['Id']}/start", {"Detach": False, "Tty": False})


def output(command: Exchange) -> bytes:
    """Read what a command has printed, once it has ended."""
    body, text = command.body(), b""
    while len(body) >= _FRAME:
        length = int.from_bytes(body[4:_FRAME], "big")
        text, body = text + body[_FRAME : _FRAME + length], body[_FRAME + length :]
    return text
