"""The health check of a service runs here as it runs in its container."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from infra.testing import Declare

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def exit_code(check: list[str], path: Path) -> int:
    """Give the exit code of a check for the service that listens at a path."""
    environment = {**os.environ, "WEBSTACK_SOCKET": str(path)}
    return subprocess.run(check, env=environment, capture_output=True, check=False).returncode


@pytest.fixture
def check(declare: Declare) -> list[str]:
    [shop] = declare().of_service("shop")
    kind, *command = shop.get("healthcheck")["tests"]
    assert kind == "CMD"
    return command


@pytest.mark.parametrize(
    ("answer", "healthy"),
    [
        (OK, True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", False),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", False),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", False),
        (b"", False),
    ],
)
def test_a_service_is_healthy_by_its_answer(
    check: list[str], tmp_path: Path, answer: bytes, healthy: bool
):
    asked: list[bytes] = []
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(4096))
                connection.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        assert (exit_code(check, path) == 0) is healthy
        serving.join()
    assert asked[0].startswith(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n")


def test_one_that_does_not_listen_is_not_healthy(check: list[str], tmp_path: Path):
    assert exit_code(check, tmp_path / "s") == 1
