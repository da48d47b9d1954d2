"""Calls go over kept connections, and an answer that breaks off is told."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from webstack.docker.api.calls import Calls, quoted
from webstack.docker.api.streams import frames, of_frames
from webstack.docker.errors import NoAnswerError, NotFoundError, RefusedError, TimedOutError
from webstack.docker.transports import by_socket

OK = b"HTTP/1.1 200 OK\r\n"


class Served:
    """A daemon that has one answer for each request, and keeps what it was asked.

    Each answer is the bytes of it; None closes the connection before the next.
    """

    def __init__(self, path: Path, answers: list[bytes | None]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = threading.Event()
        self._answers = answers
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while self._answers:
            connection, _ = self._listening.accept()
            self.connections += 1
            with connection, connection.makefile("rb") as asked:
                while self._answers and (request := _request(asked)):
                    self.requests.append(request)
                    answer = self._answers.pop(0)
                    if answer is None:
                        break
                    connection.sendall(answer)
                    if self._answers and self._answers[0] is None:
                        self._answers.pop(0)
                        break
            self.closed.set()


def _request(asked: io.BufferedReader) -> bytes:
    head = b""
    while (line := asked.readline()) not in (b"", b"\r\n"):
        head += line
    if b"chunked" in head:
        body = b""
        while size := int(asked.readline(), 16):
            body += asked.read(size)
            asked.readline()
        asked.readline()
        return head + body
    length = next((line for line in head.splitlines() if line.startswith(b"Content-Length")), b"")
    return head + (asked.read(int(length.partition(b":")[2])) if length else b"")


def sized(body: bytes) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Callable[..., tuple[Calls, Served]]]:
    made: list[Calls] = []

    def serve(*answers: bytes | None) -> tuple[Calls, Served]:
        path = tmp_path / "docker.sock"
        served = Served(path, [*answers])
        made.append(Calls(by_socket(str(path)), 5))
        return made[-1], served

    yield serve
    for each in made:
        each.close()


def test_a_connection_is_used_again(calls):
    asking, served = calls(sized(b'{"a": 1}'), OK + b"Content-Length: 0\r\n\r\n")

    assert asking.value("GET", "/x", query={"all": 1, "none": None, "of": ["a b", "c"]}) == {"a": 1}
    assert asking.value("POST", "/y", body={"b": 2}) is None

    assert served.connections == 1
    assert served.requests[0].startswith(
        b"GET /x?all=1&of=a+b&of=c HTTP/1.1\r\nHost: localhost\r\n"
    )
    assert b"Content-Type: application/json" in served.requests[1]
    assert served.requests[1].endswith(b'{"b": 2}')


def test_one_that_the_daemon_has_closed_is_not(calls):
    """No call fails since the daemon was restarted, or has no patience with idle clients."""
    asking, served = calls(sized(b"1"), None, sized(b"2"))

    assert asking.value("GET", "/") == 1
    assert served.closed.wait(10)
    assert asking.value("GET", "/") == 2
    assert served.connections == 2


@pytest.mark.parametrize("content", [io.BytesIO(b"abcd"), iter((b"ab", b"cd"))])
def test_what_has_no_known_length_is_sent_in_chunks(calls, content):
    asking, served = calls(sized(b"null"))

    asking.value("PUT", "/x", content=content)

    assert served.requests[0].endswith(b"abcd")


def test_an_answer_in_chunks_is_read_as_it_comes(calls):
    chunks = b'7\r\n{"a":1}\r\n9\r\n\r\n{"b":2}\r\n2\r\n\r\n\r\n0\r\n\r\n'
    asking, _ = calls(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks, sized(b"3"))

    assert list(asking.send("POST", "/build").values()) == [{"a": 1}, {"b": 2}]
    assert asking.value("GET", "/") == 3


@pytest.mark.parametrize(
    "half",
    [
        OK + b'Content-Length: 9\r\n\r\n{"a"',
        OK + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"a"',
        OK + b"Transfer-Encoding: chunked\r\n\r\n7\r\n",
        b"HTTP/1.1 ",
        b"",
    ],
)
def test_half_an_answer_is_none(calls, half):
    asking, _ = calls(half, None)

    with pytest.raises(NoAnswerError):
        asking.value("GET", "/")


def test_an_end_in_the_middle_of_a_line_is_told(calls):
    asking, _ = calls(sized(b'{"a": 1}\n{"b'))
    events = asking.send("GET", "/events").values()

    assert next(events) == {"a": 1}
    with pytest.raises(NoAnswerError, match="broke off"):
        next(events)


def test_whoever_is_silent_for_too_long_is_told_so(calls):
    asking, _ = calls(OK, OK)

    with pytest.raises(TimedOutError):
        asking.value("GET", "/", timeout=0.05)


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (404, {"message": "No such container: x"}, NotFoundError, "No such container: x"),
        (409, {"message": "in use"}, RefusedError, "in use"),
        (500, "not JSON", RefusedError, '"not JSON"'),
        (502, None, RefusedError, "null"),
    ],
)
def test_a_refusal_has_the_daemons_words(calls, status, body, kind, reason):
    said = json.dumps(body).encode()
    head = b"HTTP/1.1 %d Odd\r\nContent-Length: %d\r\n\r\n" % (status, len(said))
    asking, _ = calls(head + said, sized(b"1"))

    with pytest.raises(kind) as caught:
        asking.value("GET", "/")

    assert (caught.value.reason, caught.value.status) == (reason, status)
    assert asking.value("GET", "/") == 1


def test_nobody_there_is_told(tmp_path):
    with pytest.raises(NoAnswerError, match="No such file"):
        Calls(by_socket(str(tmp_path / "none.sock")), 1).value("GET", "/")


def frame(kind: int, data: bytes) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


OUTPUT = frame(1, b"out") + frame(2, b"error") + frame(1, b"")


def test_output_that_came_with_the_head_is_not_lost(calls):
    head = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    asking, served = calls(head + OUTPUT, None)

    with closing(asking.handed_over("/exec/1/start", body={"Tty": False})) as stream:
        assert list(frames(stream)) == [(1, b"out"), (2, b"error")]

    assert b"Upgrade: tcp" in served.requests[0]


def test_a_command_is_refused_as_a_call_is(calls):
    asking, _ = calls(b'HTTP/1.1 409 Conflict\r\nContent-Length: 20\r\n\r\n{"message":"paused"}')

    with pytest.raises(RefusedError, match="paused"):
        asking.handed_over("/exec/1/start")


def test_output_that_came_as_a_whole_is_put_together():
    assert of_frames(OUTPUT + OUTPUT[:5]) == b"outerror"


def test_a_name_cannot_leave_its_place_in_the_path():
    assert quoted("a b?c#d\r\n") == "a%20b%3Fc%23d%0D%0A"
