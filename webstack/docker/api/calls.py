"""Sends requests over connections that a dial opens, which are kept and used again."""

from __future__ import annotations

import json
import select
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import IO, Any, Final
from urllib.parse import quote, urlencode

from webstack.docker.api.streams import Stream
from webstack.docker.errors import NoAnswerError, NotFoundError, RefusedError, TimedOutError
from webstack.docker.transports import Dial

_NOT_FOUND: Final = 404
_ERRORS: Final = 400
_CHUNK: Final = 1 << 18
_UPGRADE: Final = {"Connection": "Upgrade", "Upgrade": "tcp"}
_USUAL: Final = -1.0
_SAID: Final = 2000
"""Letters of an error that is no JSON."""

Content = bytes | IO[bytes] | Iterable[bytes]
"""The body of a request; one without a known length is sent in chunks."""


class Calls:
    """Makes calls; threads may do so at the same time.

    A call waits ``timeout`` seconds for each piece of an answer unless it says another number, or
    None for ever. Each raises NoAnswerError, or RefusedError for an answer that is an error.
    """

    def __init__(self, dial: Dial, timeout: float, host: str = "localhost") -> None:
        """Take what opens a connection, and the daemon's own name, with its port."""
        self.timeout = timeout
        self._dial = dial
        self._host = host
        self._idle: list[_Connection] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close, self._idle)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: Content | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = _USUAL,
    ) -> Answer:
        """Send ``body`` as JSON, or ``content`` as it is; whoever gets the answer reads it."""
        wait = self.timeout if timeout == _USUAL else timeout
        connection = self._connection(wait)
        with _broken(connection):
            response = connection.asked(method, path, query, body, content, headers or {})
        answer = Answer(self, connection, response)
        if response.status >= _ERRORS:
            raise _refusal(answer)
        return answer

    def value(self, method: str, path: str, **options: Any) -> Any:
        """Give the JSON of an answer; None where it has no content. Options are those of `send`."""
        content = self.send(method, path, **options).content()
        try:
            return json.loads(content) if content else None
        except ValueError as error:
            raise NoAnswerError(f"the answer is not JSON: {error}") from None

    def handed_over(self, path: str, *, query: Any = None, body: Any = None) -> Stream:
        """Make a POST after which the connection belongs to a command of a container."""
        connection = self._connection(self.timeout)
        with _broken(connection):
            response = connection.asked("POST", path, query, body, None, _UPGRADE)
            plain = connection.sock
        if response.status >= _ERRORS:
            raise _refusal(Answer(self, connection, response))
        return Stream(plain, response.fp, connection.close)

    def keep(self, connection: _Connection) -> None:
        """Keep a connection whose answer has been read for a later call."""
        with self._lock:
            self._idle.append(connection)

    def close(self) -> None:
        """Close all connections; a later call opens new ones."""
        with self._lock:
            _close(self._idle)

    def _connection(self, timeout: float | None) -> _Connection:
        """Take a connection that is open, or a new one."""
        while True:
            with self._lock:
                found = self._idle.pop() if self._idle else None
            if found is None:
                return _Connection(self._dial, self._host, timeout)
            if not found.is_ended():
                found.wait(timeout)
                return found
            found.close()


class Answer:
    """Reads an answer of success. One that is not read to its end has to be closed."""

    def __init__(self, calls: Calls, connection: _Connection, response: HTTPResponse) -> None:
        self._calls = calls
        self._connection = connection
        self._response = response

    def header(self, name: str) -> str:
        """Give a header; empty where the answer has none."""
        return self._response.headers.get(name, "")

    def content(self) -> bytes:
        """Read all of it."""
        return b"".join(self.pieces())

    def pieces(self, most: int = _CHUNK) -> Iterator[bytes]:
        """Read it as it comes, in pieces of so many bytes at ``most``."""
        response = self._response
        whole = False
        try:
            with _broken(self._connection):
                while piece := response.read1(most):
                    yield piece
                if response.length:
                    raise NoAnswerError("the answer broke off")
            whole = True
        finally:
            self._end(whole=whole)

    def recv(self, size: int) -> bytes:
        """Wait for more of it; gives ``size`` bytes at most, and none at the end."""
        with _broken(self._connection):
            return self._response.read1(size)

    def lines(self) -> Iterator[bytes]:
        """Read it by lines, as each comes, without those that are empty."""
        rest = b""
        for piece in self.pieces():
            *lines, rest = (rest + piece).split(b"\n")
            yield from filter(None, (line.strip() for line in lines))
        if rest.strip():
            yield rest.strip()

    def values(self) -> Iterator[Any]:
        """Read a line as JSON at a time."""
        for line in self.lines():
            try:
                yield json.loads(line)
            except ValueError:
                raise NoAnswerError("the answer broke off") from None

    def close(self) -> None:
        """Read no more of it."""
        self._end(whole=False)

    def _end(self, *, whole: bool) -> None:
        goes_on = whole and not self._response.will_close
        self._response.close()
        if goes_on:
            self._calls.keep(self._connection)
        else:
            self._connection.close()


class _Connection(HTTPConnection):
    """Speaks HTTP over what the dial opens."""

    def __init__(self, dial: Dial, host: str, timeout: float | None) -> None:
        super().__init__(host, blocksize=_CHUNK)
        self._dial = dial
        self._seconds = timeout
        self._end: Callable[[], None] | None = None

    def connect(self) -> None:
        self.sock, self._end = self._dial(self._seconds)
        self.sock.settimeout(self._seconds)

    def wait(self, seconds: float | None) -> None:
        self._seconds = seconds
        self.sock.settimeout(seconds)

    def is_ended(self) -> bool:
        """Tell whether the other side has closed: between calls there is nothing to read."""
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return bool(poll.poll(0))

    def asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        content: Content | None,
        headers: Mapping[str, str],
    ) -> HTTPResponse:
        said = {name: each for name, each in (query or {}).items() if each is not None}
        url = f"{path}?{urlencode(said, doseq=True)}" if said else path
        if body is not None:
            content = json.dumps(body).encode()
            headers = {"Content-Type": "application/json", **headers}
        with suppress(BrokenPipeError, ConnectionResetError):
            # A daemon that refuses answers before it has read everything.
            self.request(method, url, content, dict(headers))
        return self.getresponse()

    def close(self) -> None:
        super().close()
        end, self._end = self._end, None
        if end:
            end()


def _close(connections: list[_Connection]) -> None:
    while connections:
        connections.pop().close()


def quoted(name: str) -> str:
    """Write a name as a part of a path."""
    return quote(name, safe="/:@")


@contextmanager
def _broken(connection: _Connection) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        connection.close()
        raise TimedOutError("no answer in time") from None
    except (OSError, HTTPException) as error:
        connection.close()
        raise NoAnswerError(" ".join(f"{error or type(error).__name__}".split())) from None


def _refusal(answer: Answer) -> RefusedError:
    status = answer._response.status
    said = answer.content()
    try:
        reason = str(json.loads(said)["message"])
    except (ValueError, LookupError, TypeError):
        reason = said.decode(errors="replace").strip()[:_SAID] or answer._response.reason
    return NotFoundError(reason) if status == _NOT_FOUND else RefusedError(reason, status)
