"""The relay runs as in its container: a process of its own between two sockets."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proxy import relay

RELAY = Path(__file__).parents[2] / "proxy/relay.py"


@pytest.fixture
def service() -> Iterator[socket.socket]:
    """Listen on TCP in place of a service."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        yield listener


@contextlib.contextmanager
def running(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    path = str(folder / "relay.sock")
    command = [sys.executable, "-c", RELAY.read_text(), path, "localhost", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        yield process, path
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def relaying(folder: Path, service: socket.socket) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start a relay that has found its service, and listens."""
    with running(folder, service.getsockname()[1]) as (process, path):
        service.accept()[0].close()
        eventually(lambda: listens(path))
        yield process, path


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def listens(path: str) -> bool:
    """Tell whether the relay listens, without a connection, which the service would see."""
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
    with relaying(tmp_path, service) as (_, path), connected(path) as client:
        taken, _ = service.accept()
        writer = threading.Thread(target=lambda: (client.sendall(sent), client.shutdown(1)))
        writer.start()
        assert everything(taken) == sent
        replier = threading.Thread(target=lambda: (taken.sendall(answered), taken.close()))
        replier.start()
        assert everything(client) == answered
        writer.join()
        replier.join()


def test_a_client_that_breaks_off_leaves_no_connection_behind(tmp_path, service):
    """The client closes with an answer unread, which is a reset and not an end."""
    with relaying(tmp_path, service) as (_, path):
        client = connected(path)
        taken, _ = service.accept()
        with taken:
            taken.settimeout(10)
            taken.sendall(b"unread")
            assert client.recv(1, socket.MSG_PEEK) == b"u"
            client.close()
            assert everything(taken) == b""


def test_nobody_listens_until_the_service_does(tmp_path, service):
    """Then nginx turns to another replica, or says that there is none."""
    port = service.getsockname()[1]
    service.close()
    with running(tmp_path, port) as (_, path):
        time.sleep(0.5)
        assert not listens(path)
        with socket.create_server(("127.0.0.1", port)):
            eventually(lambda: listens(path))


def test_who_meets_a_service_on_its_restart_waits_and_nobody_new_is_let_in(tmp_path, service):
    port = service.getsockname()[1]
    with relaying(tmp_path, service) as (_, path):
        service.close()
        waiting = [connected(path) for _ in range(3)]
        eventually(lambda: not Path(path).exists())
        with socket.create_server(("127.0.0.1", port)) as back:
            back.settimeout(10)
            for client in waiting:
                client.sendall(b"post")
                client.shutdown(socket.SHUT_WR)
            asked = 0
            while asked < len(waiting):
                taken, _ = back.accept()
                with taken:
                    asked += everything(taken) == b"post"
                    taken.sendall(b"here")
            assert [everything(client) for client in waiting] == [b"here"] * 3
            eventually(lambda: listens(path))


def test_a_service_that_stays_away_ends_the_connection_and_is_named_in_the_log(
    tmp_path, service, monkeypatch, capsys
):
    port = service.getsockname()[1]
    service.close()

    async def relayed() -> bytes:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
            return relay.connect(reader, writer, "localhost", port, asyncio.Event())

        await asyncio.start_unix_server(accept, tmp_path / "relay.sock")
        client, writer = await asyncio.open_unix_connection(tmp_path / "relay.sock")
        received = await client.read()
        writer.close()
        await writer.wait_closed()
        return received

    monkeypatch.setattr(relay, "PAUSES", (0.01, 0.01))
    assert asyncio.run(relayed()) == b""
    assert capsys.readouterr().err.startswith(f"no connection to localhost port {port}: ")


def test_a_name_server_that_owes_an_answer_is_asked_again(service, monkeypatch):
    lookup, failures = socket.getaddrinfo, [socket.EAI_AGAIN, socket.EAI_AGAIN]

    def owing(*question: Any, **more: Any) -> Any:
        if failures:
            raise socket.gaierror(failures.pop(), "Temporary failure in name resolution")
        return lookup(*question, **more)

    async def reached() -> bool:
        lost = asyncio.Event()
        _, writer = await relay.reach("localhost", service.getsockname()[1], lost)
        writer.close()
        return not lost.is_set()

    monkeypatch.setattr(socket, "getaddrinfo", owing)
    assert asyncio.run(reached())
    service.accept()[0].close()
    assert failures == []


def test_told_to_stop_it_ends_with_its_last_connection(tmp_path, service):
    with relaying(tmp_path, service) as (process, path):
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
