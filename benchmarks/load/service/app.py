"""The service under load: it tells which container answers, and lets clients check the body.

``GET /?bytes=N`` gives N bytes and ``POST /`` gives the body back, both with a checksum.
``/slow?seconds=N`` does the same N seconds later. ``/events`` never ends. ``/echo`` becomes a
connection that returns all that it gets.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

VERSION = 1
HEALTHY = True

PATTERN = bytes(range(256)) * 4096
EVENT_PAUSE = 0.25
ABOUT = [
    ("X-Version", str(VERSION)),
    ("X-Greeting", os.environ.get("GREETING", "")),
    ("X-Container", socket.gethostname()),
]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    path = environ["PATH_INFO"]
    if path == "/healthz":
        status = "200 OK" if HEALTHY else "500 Unhealthy"
        start_response(status, [("Content-Length", "0")])
        return []
    if path == "/events":
        start_response("200 OK", [("Content-Type", "text/event-stream"), *ABOUT])
        return _events()
    if path == "/echo":
        return _echo(environ["gunicorn.socket"])
    query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    if path == "/slow":
        time.sleep(float(query["seconds"]))
    posted = environ["REQUEST_METHOD"] == "POST"
    body = environ["wsgi.input"].read() if posted else PATTERN[: int(query.get("bytes", 0))]
    checksum = ("X-Checksum", hashlib.sha256(body).hexdigest())
    length = ("Content-Length", str(len(body)))
    start_response("200 OK", [("Content-Type", "application/x-load"), length, checksum, *ABOUT])
    return [body]


def _events() -> Iterator[bytes]:
    number = 0
    while True:
        yield f"data: {number}\n\n".encode()
        number += 1
        time.sleep(EVENT_PAUSE)


def _echo(connection: socket.socket) -> Iterable[bytes]:
    """Take the connection over, as a WebSocket would, and return what it gets."""
    about = "".join(f"{name}: {value}\r\n" for name, value in ABOUT)
    top = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    connection.sendall(f"{top}{about}\r\n".encode())
    while received := connection.recv(4096):
        connection.sendall(received)
    raise StopIteration
