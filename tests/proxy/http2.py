"""Clients that speak HTTP/2 and never repeat a request, so that each lost request shows."""

import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import h2.connection
import h2.errors
import h2.events


class LostError(Exception):
    """A request got no answer."""


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Connection:
    """One HTTP/2 connection; it is ``leaving`` once the server takes no more requests on it."""

    def __init__(self, address: tuple[str, int], host: str, authority: str) -> None:
        context = ssl.create_default_context(cafile=authority)
        context.set_alpn_protocols(["h2"])
        raw = socket.create_connection(address, timeout=10)
        self._socket = context.wrap_socket(raw, server_hostname=host)
        assert self._socket.selected_alpn_protocol() == "h2"
        self.version = self._socket.version()
        self._h2 = h2.connection.H2Connection()
        self._h2.initiate_connection()
        self._flush()
        self._host = host
        self.leaving = False

    def ask(self, method: str, path: str, parts: list[bytes], pause: float = 0) -> Answer:
        """Send a request, its body in parts without a length in the head; raises LostError."""
        stream = self._h2.get_next_available_stream_id()
        head = {":method": method, ":scheme": "https", ":authority": self._host, ":path": path}
        try:
            self._h2.send_headers(stream, list(head.items()), end_stream=not parts)
            self._flush()
            for number, part in enumerate(parts, 1):
                time.sleep(pause)
                self._h2.send_data(stream, part, end_stream=number == len(parts))
                self._flush()
            return self._answer(stream)
        except (OSError, h2.exceptions.ProtocolError) as error:
            raise LostError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, stream: int) -> Answer:
        answer = Answer()
        while True:
            received = self._socket.recv(65536)
            if not received:
                raise LostError("closed")
            ended = [self._took(event, stream, answer) for event in self._h2.receive_data(received)]
            self._flush()
            if any(ended):
                return answer

    def _took(self, event: h2.events.Event, stream: int, answer: Answer) -> bool:
        """Add an event to the answer; true where the event was the last one of the answer."""
        if isinstance(event, h2.events.ConnectionTerminated):
            self.leaving = True
            # The library would take no answer any more to what the server has taken.
            self._h2.state_machine.state = h2.connection.ConnectionState.CLIENT_OPEN
            if event.last_stream_id < stream:
                raise LostError("not taken any more")
        if getattr(event, "stream_id", None) != stream:
            return False
        if isinstance(event, h2.events.ResponseReceived):
            fields = {_text(name): _text(value) for name, value in event.headers}
            answer.status = int(fields.pop(":status"))
            answer.headers = fields
        elif isinstance(event, h2.events.DataReceived):
            answer.body += event.data
            self._h2.acknowledge_received_data(event.flow_controlled_length, stream)
        elif isinstance(event, h2.events.StreamReset):
            raise LostError(f"reset, {event.error_code}")
        return isinstance(event, h2.events.StreamEnded)

    def _flush(self) -> None:
        self._socket.sendall(self._h2.data_to_send())


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class Http2Load:
    """Clients that send bodies in parts, one request after the other, until the context ends."""

    def __init__(self, address: tuple[str, int], host: str, authority: str, clients: int) -> None:
        self.sent, self.connections, self.failures = 0, 0, Counter()
        self._to = address, host, authority
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._behave) for _ in range(clients)]

    def __enter__(self) -> "Http2Load":
        for thread in self._threads:
            thread.start()
        time.sleep(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.5)
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _behave(self) -> None:
        connection = None
        while not self._stop.is_set():
            try:
                if connection is None:
                    self.connections += 1
                    connection = Connection(*self._to)
                self.sent += 1
                answer = connection.ask("POST", "/", [b"x" * 900] * 3, 0.001)
                if answer.status != 200:
                    self.failures[f"status {answer.status}"] += 1
            except (LostError, OSError) as error:
                self.failures[str(error)] += 1
                connection.close() if connection else None
                connection = None
                continue
            if connection.leaving:
                connection.close()
                connection = None
            time.sleep(0.005)
        if connection:
            connection.close()
