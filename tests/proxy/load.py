"""Steady requests from many clients at once, each answer checked, each failure named."""

import asyncio
import hashlib
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.proxy.wire import PORT


@dataclass
class Tally:
    """The counts of requests and the failures that the clients met."""

    sent: int = 0
    reused: int = 0
    failures: Counter = field(default_factory=Counter)
    slowest: float = 0
    began: float = 0
    ended: float = 0

    @property
    def rate(self) -> float:
        return self.sent / (self.ended - self.began)


@dataclass(frozen=True)
class Client:
    """The behaviour of one client, which never repeats a request that failed."""

    method: str = "GET"
    path: str = "/"
    kept: bool = True
    pause: float = 0.005
    body: bytes = b""


MIXED = (
    *(Client() for _ in range(4)),
    *(Client("POST", body=b"x" * 2000) for _ in range(6)),
    *(Client(kept=False) for _ in range(3)),
    *(Client("POST", kept=False, body=b"y" * 2000) for _ in range(3)),
    *(Client("POST", "/?seconds=0.4", body=b"z") for _ in range(4)),
)


class Load:
    """Clients that go on until stopped; used as a context, whose value is their tally."""

    def __init__(self, address: str, clients: tuple[Client, ...] = MIXED) -> None:
        self.address = address
        self.clients = clients
        self.tally = Tally()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Tally:
        self.tally.began = time.monotonic()
        self._thread.start()
        time.sleep(0.5)
        return self.tally

    def __exit__(self, *_: object) -> None:
        time.sleep(0.5)
        self._stop.set()
        self._thread.join()
        self.tally.ended = time.monotonic()

    async def _run(self) -> None:
        await asyncio.gather(*(self._behave(client) for client in self.clients))

    async def _behave(self, client: Client) -> None:
        connection = None
        while not self._stop.is_set():
            began = time.monotonic()
            self.tally.sent += 1
            stage = "connect"
            try:
                if connection is None:
                    connection = await asyncio.open_connection(self.address, PORT)
                else:
                    self.tally.reused += 1
                    stage = "reused"
                last = await asyncio.wait_for(self._request(client, *connection), 15)
            except (OSError, EOFError, ValueError, AssertionError, asyncio.TimeoutError) as error:
                self.tally.failures[f"{client.method} {stage}: {error!r}"] += 1
                last = True
            self.tally.slowest = max(self.tally.slowest, time.monotonic() - began)
            if connection and (last or not client.kept):
                connection[1].close()
                connection = None
            await asyncio.sleep(client.pause * random.random() * 2)
        if connection:
            connection[1].close()

    async def _request(
        self, client: Client, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Send one request; true where the answer was the last one on the connection."""
        end = "" if client.kept else "Connection: close\r\n"
        length = f"Content-Length: {len(client.body)}\r\n" if client.body else ""
        top = f"{client.method} {client.path} HTTP/1.1\r\nHost: site.test\r\n{end}{length}\r\n"
        writer.write(top.encode() + client.body)
        await writer.drain()
        status = await reader.readline()
        if not status:
            raise EOFError("closed without an answer")
        headers = {}
        while line := (await reader.readline()).strip().decode().lower():
            name, _, value = line.partition(":")
            headers[name] = value.strip()
        body = await reader.readexactly(int(headers["content-length"]))
        assert b" 200 " in status, status
        if headers["content-type"] == "application/json":
            said = json.loads(body)
            assert said["digest"] == hashlib.sha256(client.body).hexdigest()
        return headers.get("connection") == "close"
