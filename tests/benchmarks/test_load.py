"""The clients of deploy_under_load notice each kind of failure, and report no other."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import pytest

from benchmarks import deploy_under_load
from benchmarks.load.clients import LISTENERS, Client, Traffic, ask, listen, mix
from benchmarks.load.records import Record, Result, percentile, result
from benchmarks.load.scenarios import Scenario
from benchmarks.load.streams import Promise, Signal
from benchmarks.load.wire import Connection, FailedError, checked

BODY = b"hello"
CHECKSUM = f"X-Checksum: {hashlib.sha256(BODY).hexdigest()}\r\n".encode()
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + CHECKSUM + b"\r\n" + BODY
LAST = WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server that treats each connection as a test wants; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def saying(*answers: bytes) -> Callable[[socket.socket], None]:
    """Answer each request of a connection with the next of these answers, then close it."""

    def answer(connection: socket.socket) -> None:
        for each in answers:
            connection.recv(65536)
            connection.sendall(each)

    return answer


def reset(connection: socket.socket) -> None:
    """Close a connection while a part of the request is unread, which resets the connection."""
    connection.recv(1)


def asked(port: int, client: Client, count: int) -> list[Record]:
    """Give the first records of a client, as many as asked for."""
    met: list[Record] = []
    stop = threading.Event()

    def note(record: Record) -> None:
        met.append(record)
        if len(met) == count:
            stop.set()

    ask(client, port, stop, note)
    return met


QUICK = Client("quick", path="/", pause=0.001)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (saying(WHOLE), ""),
        (saying(b""), "closed without an answer"),
        (reset, "reset, waiting for the answer"),
        (saying(WHOLE[:-2]), "not whole: cut off"),
        (saying(WHOLE.replace(b"hello", b"jello")), "not whole: wrong checksum"),
        (saying(WHOLE.replace(CHECKSUM, b"")), "not whole: wrong checksum"),
        (saying(b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n"), "status 503"),
        (saying(b"HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n"), "status 404"),
    ],
)
def test_each_kind_of_failure_has_its_name(answer: Callable[[socket.socket], None], failure: str):
    with answering(answer) as port:
        assert [record.failure for record in asked(port, QUICK, 1)] == [failure]


def test_a_refused_connection_is_a_failure():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert asked(port, QUICK, 1)[0].failure == "refused"


def test_an_answer_that_does_not_come_is_a_failure():
    with answering(lambda _: time.sleep(0.2)) as port:
        connection = Connection(port, timeout=0.05)
        with pytest.raises(FailedError, match="timed out, waiting for the answer"):
            connection.ask("GET", "/")
        connection.close()


def test_a_client_leaves_a_connection_when_it_is_told_to():
    with answering(saying(WHOLE, LAST)) as port:
        assert [record.failure for record in asked(port, QUICK, 6)] == [""] * 6


def test_nothing_is_sent_twice():
    """A request that meets a closed connection fails; the next one opens its own."""
    with answering(saying(WHOLE)) as port:
        failures = [record.failure for record in asked(port, QUICK, 4)]
    assert failures[0] == failures[2] == ""
    assert all([failures[1], failures[3]])


def test_a_client_that_looks_sees_that_its_connection_is_closed():
    looking = Client("looking", path="/", pause=0.05, looks=True)
    with answering(saying(WHOLE)) as port:
        assert [record.failure for record in asked(port, looking, 4)] == [""] * 4


def test_a_body_is_checked_to_the_last_byte():
    with answering(saying(WHOLE)) as port:
        connection = Connection(port, timeout=1)
        answer = connection.ask("GET", "/")
        body = connection.body(answer)
        checked(answer, body)
        with pytest.raises(FailedError):
            checked(answer, body[:-1] + b"0")
        connection.close()


def test_short_requests_come_at_the_rate_that_was_asked_for():
    clients = mix(Traffic(rate=240, slow=5))
    assert sum(1 / c.pause for c in clients if not c.slow and not c.looks) == pytest.approx(240)
    assert {c.method for c in clients if c.slow} == {"GET", "POST"}


def heard(port: int) -> Record:
    """Give the record of one event stream."""
    met: list[Record] = []
    stop = threading.Event()

    def note(record: Record) -> None:
        met.append(record)
        stop.set()

    listen(LISTENERS[0], port, stop, note)
    return met[0]


def stream(*events: bytes) -> bytes:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (stream(b"data: 0\n\nda", b"ta: 1\n\n"), "ended"),
        (stream(b"data: 0\n\n", b""), "ended"),
        (stream(b"data: 0\n\n", b"data: 2\n\n"), "not whole: an event is missing"),
        (b"HTTP/1.1 502 No\r\n\r\n", "status 502"),
    ],
)
def test_a_stream_tells_how_it_ended(said: bytes, failure: str):
    with answering(saying(said)) as port:
        assert heard(port).failure == failure


def record(began: float, seconds: float = 0.1, **changes: object) -> Record:
    made = Record("client", began, seconds, "", "one", slow=False, stream=False)
    return made._replace(**changes)


def test_requests_belong_to_the_time_in_which_they_began():
    records = [
        record(9.0),
        record(10.5, failure="refused"),
        record(11.0, 0.3),
        record(11.5, 9, slow=True),
        record(20.0),
    ]
    found = result("name", records, start=10, end=20, calm=2)
    assert (found.requests, found.failed, found.before, found.during) == (3, 1, (0.1,), (0.3,))
    assert (found + found).requests == 6


def test_percentiles():
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile(range(1, 101), 0.99) == 100
    assert percentile([], 0.5) == 0


PROMISE = Promise("project", grace=8)
STREAM = record(100, 50, failure="ended", stream=True)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ([], False),
        ([Signal(140, "one", "service", "15")], True),
        ([Signal(148, "one", "service", "15")], False),
        ([Signal(140, "two", "service", "15")], False),
        ([Signal(140, "nginx", "proxy", "3")], True),
        ([Signal(50, "nginx", "proxy", "3")], False),
        ([Signal(149, "one", "service", "15"), Signal(149.5, "one", "service", "9")], False),
        ([Signal(149.5, "one", "service", "9")], True),
    ],
)
def test_a_stream_may_end_only_when_something_on_its_way_has_drained(
    told: list[Signal], kept: bool
):
    broken = PROMISE.broken([STREAM], 120, 160, lambda *_: told)
    assert bool(broken) is not kept


def test_a_stream_that_loses_an_event_breaks_the_promise_at_any_time():
    torn = STREAM._replace(failure="not whole: an event is missing")
    told = [Signal(140, "one", "service", "15")]
    assert PROMISE.broken([torn], 120, 160, lambda *_: told)


@pytest.mark.parametrize(
    ("requests", "ran"), [(1, "abc"), (60, "abc"), (61, "abca"), (150, "abcabcab")]
)
def test_each_scenario_is_run_once_and_on_until_there_were_enough_requests(
    monkeypatch, tmp_path, requests, ran
):
    made = SimpleNamespace(
        project="p", grace=1, port=1, root=tmp_path / "project", service={"replicas": 1}
    )
    scenarios = [Scenario(name, lambda _trial: 0.0) for name in "abc"]
    monkeypatch.setattr(deploy_under_load, "Load", lambda *_: nullcontext())
    monkeypatch.setattr(deploy_under_load, "measured", lambda name, *_: Result(name, requests=20))
    found = deploy_under_load.run(made, None, requests, scenarios)
    assert "".join(each.name for each in found) == ran
