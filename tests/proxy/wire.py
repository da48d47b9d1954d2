"""Requests as bytes on a connection, so that a test can send what no client library would."""

import contextlib
import json
import socket
from dataclasses import dataclass

PORT = 8080


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; header names are in small letters, repeated ones are joined."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)

    def seen(self, name: str) -> list[str]:
        """Give the values of a header that the service got, as its answer tells."""
        return [value for header, value in self.json()["headers"] if header == name.lower()]


def request(
    address: str,
    path: str = "/",
    host: str = "site.test",
    method: str = "GET",
    body: bytes = b"",
    **headers: str,
) -> Answer:
    """Send one request on a connection of its own; underscores in names become dashes."""
    fields = {"Host": host, "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    if body:
        fields["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return raw(address, f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)


def raw(address: str, message: bytes, timeout: float = 10) -> Answer:
    """Send bytes as they are and read one answer until the connection ends."""
    with socket.create_connection((address, PORT), timeout) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(message)
        return parse(received(connection))


def received(connection: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionResetError, TimeoutError):
        while part := connection.recv(65536):
            data += part
    return data


def parse(data: bytes) -> Answer:
    assert data, "the connection was closed without an answer"
    top, _, body = data.partition(b"\r\n\r\n")
    status, *lines = top.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = unchunked(body)
    return Answer(int(status.split()[1]), headers, body)


def unchunked(data: bytes) -> bytes:
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            break
        body, data = body + data[:length], data[length + 2 :]
    return body
