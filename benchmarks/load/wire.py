"""Speak HTTP/1.1 on a plain socket: one request, one answer, and a name for each failure.

No request is repeated and no failure is hidden, as HTTP libraries do in many small ways.
"""

from __future__ import annotations

import hashlib
import select
import socket
from collections.abc import Mapping
from dataclasses import dataclass

WRONG = 400
LONGEST_LINE = 16384


class FailedError(Exception):
    """A request got no whole answer; the message is the kind of failure."""


@dataclass(frozen=True)
class Answer:
    """The head of an answer; the names of headers are in small letters."""

    status: int
    headers: dict[str, str]

    @property
    def last(self) -> bool:
        """Tell whether the server will close the connection after this answer."""
        return self.headers.get("connection", "").lower() == "close"


class Connection:
    """One connection to a port of this machine."""

    def __init__(self, port: int, timeout: float) -> None:
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout)
        except ConnectionRefusedError:
            raise FailedError("refused") from None
        except TimeoutError:
            raise FailedError("timed out, connecting") from None
        except OSError as error:
            raise FailedError(f"not connected: {error.strerror}") from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def close(self) -> None:
        """Close the connection; safe to repeat."""
        self._reader.close()
        self._socket.close()

    def dropped(self) -> bool:
        """Tell whether the server has closed the idle connection; clients look before they ask."""
        readable, _, _ = select.select([self._socket], [], [], 0)
        return bool(readable)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send a request and read the head of its answer."""
        fields = {"Host": "localhost", **(headers or {})}
        if body or method == "POST":
            fields["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        with _named("waiting for the answer"):
            self._socket.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
            return self._head()

    def body(self, answer: Answer) -> bytes:
        """Read the body of an answer to its end, by its length."""
        length = int(answer.headers.get("content-length", 0))
        with _named("inside the answer"):
            body = self._reader.read(length)
        if len(body) < length:
            raise FailedError("not whole: cut off")
        return body

    def chunk(self) -> bytes:
        """Read the next part of an endless answer."""
        with _named("inside the stream"):
            size = int(self._line() or "0", 16)
            data = self._reader.read(size + 2)
        if not size or len(data) < size:
            raise FailedError("ended")
        return data[:size]

    def exchange(self, data: bytes) -> bytes:
        """Send bytes on an upgraded connection, and read as many back."""
        with _named("inside the stream"):
            self._socket.sendall(data)
            return self._reader.read(len(data))

    def _head(self) -> Answer:
        first = self._line()
        if not first:
            raise FailedError("closed without an answer")
        headers = {}
        while line := self._line().strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return Answer(int(first.split()[1]), headers)

    def _line(self) -> str:
        return self._reader.readline(LONGEST_LINE).decode("latin-1")


class _named:  # noqa: N801 - used as a word
    """Gives errors of the socket a name that tells in which part of the request they came."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, TimeoutError):
            raise FailedError(f"timed out, {self._where}") from None
        if isinstance(error, OSError):
            raise FailedError(f"reset, {self._where}") from None


def checked(answer: Answer, body: bytes) -> None:
    """Raise FailedError for an error status, or for a body with another checksum than announced."""
    if answer.status >= WRONG:
        raise FailedError(f"status {answer.status}")
    if answer.headers.get("x-checksum") != hashlib.sha256(body).hexdigest():
        raise FailedError("not whole: wrong checksum")
