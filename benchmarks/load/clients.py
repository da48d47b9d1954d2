"""The clients: each sends requests at its own steady pace, or holds a stream open."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from benchmarks.load.records import Record
from benchmarks.load.wire import Answer, Connection, FailedError, checked

TIMEOUT = 20.0
SILENCE = 10.0
"""Seconds without an event after which a stream counts as broken."""

Note = Callable[[Record], None]


@dataclass(frozen=True)
class Client:
    """One client: the request that it sends, and how often.

    A client that is ``kept`` keeps its connection. A client that ``looks`` checks before each
    request whether the server has closed the idle connection. The others only go by what the answer
    said.
    """

    name: str
    method: str = "GET"
    path: str = "/?bytes=2000"
    body: int = 0
    kept: bool = True
    pause: float = 0.1
    slow: bool = False
    looks: bool = False


@dataclass(frozen=True)
class Listener:
    """A client that holds one endless answer open: an event stream, or an upgraded connection."""

    name: str
    path: str
    status: int
    headers: dict[str, str]
    take_part: Callable[[Connection, threading.Event], None]


@dataclass(frozen=True)
class Traffic:
    """The requests of all clients.

    ``rate`` is the number of short requests a second. ``slow`` is the seconds that a slow request
    takes. With ``streams`` there are also endless answers.
    """

    rate: float = 300
    slow: float = 5
    streams: bool = True


def mix(traffic: Traffic) -> list[Client]:
    """Give all clients that send requests."""
    short = [
        *[Client("GET, kept alive")] * 6,
        *[Client("GET, large, kept alive", path="/?bytes=300000", pause=0.4)] * 2,
        *[Client("POST, kept alive", "POST", "/", 3000)] * 6,
        *[Client("GET, new connection", kept=False)] * 4,
        *[Client("POST, new connection", "POST", "/", 3000, kept=False)] * 4,
    ]
    unit = sum(0.1 / client.pause for client in short)
    paced = [replace(client, pause=client.pause * 10 * unit / traffic.rate) for client in short]
    late = f"/slow?bytes=2000&seconds={traffic.slow}"
    return [
        *paced,
        *[Client("GET, rarely, kept alive", pause=3.0, looks=True)] * 3,
        *[Client("GET, slow", path=late, pause=traffic.slow, slow=True, looks=True)] * 3,
        *[Client("POST, slow", "POST", late, 3000, pause=traffic.slow, slow=True, looks=True)] * 3,
    ]


def ask(client: Client, port: int, stop: threading.Event, note: Note) -> None:
    """Send requests until told to stop; a late answer is followed by the next request at once."""
    connection: Connection | None = None
    for due in _beats(client.pause, stop):
        began = time.time()
        failure, answer = "", None
        try:
            if connection and client.looks and connection.dropped():
                connection.close()
                connection = None
            connection = connection or Connection(port, TIMEOUT)
            answer = _asked(connection, client)
        except FailedError as error:
            failure = str(error)
        if connection and (failure or answer is None or answer.last or not client.kept):
            connection.close()
            connection = None
        note(_record(client.name, began, time.monotonic() - due, failure, answer, client.slow))
    if connection:
        connection.close()


def listen(listener: Listener, port: int, stop: threading.Event, note: Note) -> None:
    """Hold a stream open, and open the next when it ends."""
    while not stop.is_set():
        began, clock = time.time(), time.monotonic()
        failure, answer, connection = "", None, None
        try:
            connection = Connection(port, SILENCE)
            answer = _opened(connection, listener)
            listener.take_part(connection, stop)
        except FailedError as error:
            failure = str(error)
        finally:
            if connection:
                connection.close()
        if not stop.is_set():
            seconds = time.monotonic() - clock
            note(_record(listener.name, began, seconds, failure, answer, slow=True, stream=True))
            stop.wait(0.1)


def _beats(pause: float, stop: threading.Event) -> Iterator[float]:
    """Give the times at which requests are due, and wait for each."""
    due = time.monotonic() + pause * random.random()
    while not stop.wait(max(0.0, due - time.monotonic())):
        yield due
        due = max(due + pause, time.monotonic())


def _asked(connection: Connection, client: Client) -> Answer:
    body = random.randbytes(client.body)
    headers = {} if client.kept else {"Connection": "close"}
    answer = connection.ask(client.method, client.path, headers, body)
    checked(answer, connection.body(answer))
    return answer


def _opened(connection: Connection, listener: Listener) -> Answer:
    answer = connection.ask("GET", listener.path, listener.headers)
    if answer.status != listener.status:
        raise FailedError(f"status {answer.status}")
    return answer


def _follow(connection: Connection, stop: threading.Event) -> None:
    """Read events until told to stop; raises FailedError when they end or one is missing."""
    received, number = b"", 0
    while not stop.is_set():
        received += connection.chunk()
        *events, received = received.split(b"\n\n")
        for event in events:
            if event != b"data: %d" % number:
                raise FailedError("not whole: an event is missing")
            number += 1


def _converse(connection: Connection, stop: threading.Event) -> None:
    """Send bytes and read them back until told to stop; raises FailedError when that ends."""
    number = 0
    while not stop.wait(0.25):
        sent = b"%8d" % number
        if connection.exchange(sent) != sent:
            raise FailedError("ended")
        number += 1


LISTENERS = [
    *[Listener("event stream", "/events", 200, {"Accept": "text/event-stream"}, _follow)] * 2,
    Listener(
        "upgraded", "/echo", 101, {"Upgrade": "websocket", "Connection": "Upgrade"}, _converse
    ),
]


def _record(
    client: str,
    began: float,
    seconds: float,
    failure: str,
    answer: Answer | None,
    slow: bool,
    stream: bool = False,
) -> Record:
    container = answer.headers.get("x-container", "") if answer else ""
    return Record(client, began, seconds, failure, container, slow, stream)
