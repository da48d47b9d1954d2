import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = "python:webstack_service.gunicorn_config"
APP = """
def app(environ, start_response):
    if hint := environ.get("wsgi.early_hints"):
        hint([("Link", "</style.css>; rel=preload")])
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
WAITING = 5


@pytest.fixture
def server(tmp_path):
    """Run gunicorn as a service does, with one worker; gives its first process and its socket."""
    (tmp_path / "tiny.py").write_text(APP)
    address = tmp_path / "s.sock"
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{tmp_path}",
        "WEB_CONCURRENCY": "1",
        "WEBSTACK_SOCKET": str(address),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", CONFIG, "tiny:app"]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: asked(address).recv(15) == b"HTTP/1.1 200 OK")
        yield process, address
    finally:
        process.kill()
        process.wait()


def eventually(holds):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("not in time")


def asked(address, body=b"hi", connection="keep-alive"):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(str(address))
    top = f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n"
    client.sendall(f"{top}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return client


def answered_until_refused(address):
    while True:
        with asked(address, connection="close") as client:
            assert client.recv(15) == b"HTTP/1.1 200 OK"


def only_child(process):
    [child] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(child)


def test_who_waits_in_the_queue_is_answered_when_the_service_stops(server):
    process, address = server
    worker = only_child(process)
    os.kill(worker, signal.SIGSTOP)
    waiting = [asked(address) for _ in range(WAITING)]
    process.terminate()
    eventually(lambda: not address.exists())
    os.kill(worker, signal.SIGCONT)
    assert [client.recv(15) for client in waiting] == [b"HTTP/1.1 200 OK"] * WAITING
    assert process.wait(timeout=20) == 0


def test_who_holds_a_socket_that_stops_is_refused_and_may_ask_another(server):
    """The proxy goes by the socket itself: requests behind an emptied queue would be lost."""
    process, address = server
    held = os.open(address, os.O_PATH)
    worker = only_child(process)
    os.kill(worker, signal.SIGSTOP)
    waiting = [asked(address) for _ in range(WAITING)]
    process.terminate()
    eventually(lambda: not address.exists())
    late = asked(f"/proc/self/fd/{held}")
    os.kill(worker, signal.SIGCONT)
    with pytest.raises(ConnectionRefusedError):
        answered_until_refused(f"/proc/self/fd/{held}")
    assert [client.recv(15) for client in (*waiting, late)] == [b"HTTP/1.1 200 OK"] * (WAITING + 1)
    assert process.wait(timeout=20) == 0
    os.close(held)


def test_no_early_hint_comes_before_the_answer(server):
    """The proxy's nginx would take a 103 for the final answer, and the true one for its body."""
    _, address = server
    assert asked(address).recv(15) == b"HTTP/1.1 200 OK"


def test_a_large_body_that_the_application_leaves_breaks_nothing_off(server):
    """The proxy, which has more to send, would take the end of the connection for a failure."""
    _, address = server
    client = asked(address, b"x" * 5_000_000, "close")
    assert client.recv(15) == b"HTTP/1.1 200 OK"
