"""WebSockets and event streams pass without delay, and other upgrades do not pass."""

import socket
import time

import pytest

from tests.proxy.wire import PORT, received, request

pytestmark = pytest.mark.docker

UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: site.test\r\nUpgrade: {protocol}\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.mark.parametrize("path", ["/websocket", "/second/websocket"])
def test_a_websocket_echoes(address, path):
    with socket.create_connection((address, PORT), 5) as connection:
        connection.sendall(UPGRADE.format(path=path, protocol="websocket").encode())
        answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 101")
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
        for message in (b"\x81\x05hello", b"\x82\x02ab"):
            connection.sendall(message)
            assert connection.recv(100) == message


def test_a_websocket_outlives_the_time_limit_of_requests(address):
    with socket.create_connection((address, PORT), 5) as connection:
        connection.sendall(UPGRADE.format(path="/websocket", protocol="websocket").encode())
        connection.recv(4096)
        time.sleep(1.5)
        connection.sendall(b"late")
        assert connection.recv(100) == b"late"


@pytest.mark.parametrize("protocol", ["h2c", "TLS/1.0", "websocket2"])
def test_no_other_upgrade_reaches_a_service(address, protocol):
    with socket.create_connection((address, PORT), 3) as connection:
        message = UPGRADE.format(path="/", protocol=protocol).removesuffix("\r\n")
        connection.sendall(f"{message}HTTP2-Settings: AA\r\n\r\n".encode())
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"upgrade"' not in answer
    assert b'["connection", "close"]' in answer


@pytest.mark.parametrize("headers", ["Accept: text/event-stream\r\n", ""])
def test_events_arrive_when_they_are_sent(address, headers):
    with socket.create_connection((address, PORT), 5) as connection:
        began = time.monotonic()
        connection.sendall(
            f"GET /events?pause=0.6 HTTP/1.1\r\nHost: site.test\r\n{headers}\r\n".encode()
        )
        times = {}
        data = b""
        while b"data: 1" not in data:
            piece = connection.recv(4096)
            assert piece, data
            data += piece
            for number in range(2):
                if f"data: {number}".encode() in data:
                    times.setdefault(number, time.monotonic() - began)
    assert times[1] - times[0] > 0.3, "kept back, they would arrive together"


def test_an_event_stream_may_be_silent_for_longer_than_the_time_limit(address):
    with socket.create_connection((address, PORT), 10) as connection:
        connection.sendall(
            b"GET /events?pause=1.5 HTTP/1.1\r\nHost: site.test\r\nAccept: text/event-stream\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert b"data: 2" in received(connection)


def test_a_plain_request_says_close_to_the_service(address):
    assert request(address).seen("connection") == ["close"]
