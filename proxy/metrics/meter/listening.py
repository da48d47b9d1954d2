"""Answers on a socket: HTTP of the simplest kind, for a scraper or for ``python3 -m meter ask``."""

import hmac
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import NamedTuple

_LONGEST = 8192
_SECONDS = 5.0
_AT_ONCE = 8


class Answer(NamedTuple):
    """Holds an HTTP answer."""

    status: int
    content_type: str
    body: str


REFUSED = Answer(401, "text/plain", "the token of the stack is missing\n")
UNKNOWN = Answer(404, "text/plain", "there is nothing here\n")

Answering = Callable[[str], Answer]
"""Gives the answer to a target, such as ``/metrics``."""


def serve(listener: socket.socket, answer: Answering, token: str = "") -> None:
    """Answer on a listening socket for ever; with a ``token`` only those who know it."""
    free = threading.BoundedSemaphore(_AT_ONCE)
    while True:
        connection, _ = listener.accept()
        connection.settimeout(_SECONDS)
        if not free.acquire(blocking=False):
            connection.close()
            continue
        threading.Thread(target=_serve, args=(connection, answer, token, free), daemon=True).start()


def listening(path: str) -> socket.socket:
    """Listen on a unix socket."""
    found = socket.socket(socket.AF_UNIX)
    found.bind(path)
    found.listen(_AT_ONCE)
    return found


def ask(path: str, target: str) -> Answer:
    """Ask what listens on a unix socket; raises OSError."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_SECONDS)
        connection.connect(path)
        connection.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
        said = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    head, _, body = said.partition("\r\n\r\n")
    return Answer(int(head.split()[1]), "", body)


def _serve(
    connection: socket.socket,
    answer: Answering,
    token: str,
    free: threading.BoundedSemaphore,
) -> None:
    try:
        with connection, suppress(OSError, ValueError, IndexError):
            given = _answered(_head(connection), answer, token)
            body = given.body.encode()
            head = (
                f"HTTP/1.0 {given.status} {HTTPStatus(given.status).phrase}\r\n"
                f"Content-Type: {given.content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body)
    finally:
        free.release()


def _answered(head: str, answer: Answering, token: str) -> Answer:
    first, *fields = head.split("\r\n")
    method, target, _ = first.split(" ")
    if token and not any(_carries(field, token) for field in fields):
        return REFUSED
    return answer(target) if method == "GET" else UNKNOWN


def _carries(field: str, token: str) -> bool:
    name, _, value = field.partition(":")
    kind, _, said = value.strip().partition(" ")
    if name.lower() != "authorization" or kind.lower() != "bearer":
        return False
    return hmac.compare_digest(said.strip().encode(), token.encode())


def _head(connection: socket.socket) -> str:
    """Read the head of a request; raises ValueError if it is too long or breaks off."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(_LONGEST)
        data += piece
        if not piece or len(data) > _LONGEST:
            raise ValueError("no head of a request")
    return data.partition(b"\r\n\r\n")[0].decode("latin-1")
