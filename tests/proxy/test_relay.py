"""The relay as its container runs it: a process of its own between two sockets."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proxy import relay

RELAY = Path(__file__).parents[2] / "proxy/relay.py"


@pytest.fixture
def service() -> Iterator[socket.socket]:
    """A listening TCP socket in place of a service."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        yield listener


@contextlib.contextmanager
def relaying(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    path = str(folder / "relay.sock")
    command = [sys.executable, "-c", RELAY.read_text(), path, "localhost", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while not listens(path) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield process, path
    finally:
        process.kill()
        process.communicate()


def listens(path: str) -> bool:
    """Tell without connecting: the relay would pass that on to the service."""
    sockets = Path("/proc/net/unix").read_text().splitlines()
    return any(line.split()[3] == "00010000" for line in sockets if line.endswith(f" {path}"))


def connected(path: str) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(path)
    return client


def everything(source: socket.socket) -> bytes:
    return b"".join(iter(lambda: source.recv(65536), b""))


def test_bytes_and_ends_pass_both_ways(tmp_path, service):
    sent, answered = b"question" * 100_000, b"answer" * 200_000
    with relaying(tmp_path, service.getsockname()[1]) as (_, path), connected(path) as client:
        taken, _ = service.accept()
        writer = threading.Thread(target=lambda: (client.sendall(sent), client.shutdown(1)))
        writer.start()
        assert everything(taken) == sent
        replier = threading.Thread(target=lambda: (taken.sendall(answered), taken.close()))
        replier.start()
        assert everything(client) == answered
        writer.join()
        replier.join()


def test_a_service_that_is_away_ends_the_connection_and_may_come_back(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with relaying(tmp_path, port) as (_, path):
        with connected(path) as client:
            assert everything(client) == b""
        with socket.create_server(("127.0.0.1", port)) as back, connected(path) as client:
            back.settimeout(10)
            taken, _ = back.accept()
            taken.sendall(b"here")
            taken.close()
            assert everything(client) == b"here"


def test_a_service_that_is_away_is_named_in_the_log(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with relaying(tmp_path, port) as (process, path), connected(path) as client:
        assert everything(client) == b""
        process.terminate()
        assert process.stderr is not None
        [complaint] = process.stderr.read().decode().splitlines()
    assert complaint.startswith(f"no connection to localhost port {port}: ")


def test_a_name_server_that_owes_an_answer_is_asked_again(service, monkeypatch):
    lookup, failures = socket.getaddrinfo, [socket.EAI_AGAIN, socket.EAI_AGAIN]

    def owing(*question: Any, **more: Any) -> Any:
        if failures:
            raise socket.gaierror(failures.pop(), "Temporary failure in name resolution")
        return lookup(*question, **more)

    async def reached() -> None:
        _, writer = await relay.reach("localhost", service.getsockname()[1])
        writer.close()

    monkeypatch.setattr(socket, "getaddrinfo", owing)
    asyncio.run(reached())
    service.accept()[0].close()
    assert failures == []


def test_told_to_stop_it_ends_with_its_last_connection(tmp_path, service):
    with relaying(tmp_path, service.getsockname()[1]) as (process, path):
        with connected(path) as client:
            taken, _ = service.accept()
            process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.3)
            with pytest.raises((ConnectionRefusedError, FileNotFoundError)):
                connected(path)
            taken.sendall(b"the end")
            taken.close()
            assert everything(client) == b"the end"
        _, complaints = process.communicate(timeout=10)
        assert (process.returncode, complaints) == (0, b"")
