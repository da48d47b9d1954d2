"""The probe sends the health check to a service, and tells each kind of answer."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "proxy/image/commands/webstack-probe.py"


def once(path: Path, *question: str) -> dict[str, Any]:
    """Give the output of one try; by default it asks for /up/ of a host, within a second."""
    return until(path, *(question or ("/up/?x=1", "shop.localhost", "1", "http")), "0", "")


def until(path: Path, *words: str) -> dict[str, Any]:
    """Give the last answer to a question that is asked again for a while."""
    done = subprocess.run(
        [sys.executable, "-IS", str(SCRIPT), "--until", str(path), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture
def answering(tmp_path: Path) -> Callable[[bytes], tuple[Path, list[bytes]]]:
    """Run a server that gives one answer and nothing more; gives the request that it got."""

    def start(answer: bytes, *, holds: bool = False) -> tuple[Path, list[bytes]]:
        path, asked = tmp_path / "s", []
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection, server:
                asked.append(connection.recv(4096))
                connection.sendall(answer)
                if holds:
                    connection.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        return path, asked

    return start


def test_it_asks_for_the_host_and_tells_of_the_answer(answering):
    path, asked = answering(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nfine\nmore")
    assert once(path) == {
        "status": 200,
        "line": "HTTP/1.1 200 OK",
        "location": "",
        "body": "fine",
    }
    assert asked == [b"GET /up/?x=1 HTTP/1.0\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n"]


def test_a_page_is_told_whole_with_its_type_and_asked_for_with_more_headers(answering):
    page = "<p>Grüße</p>" * 1000
    path, asked = answering(f"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n{page}".encode())
    more = ("/shop/", "a", "5", "http", "SCRIPT_NAME: /shop")
    command = [sys.executable, "-IS", str(SCRIPT), "--page", str(path), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["type"], answer["page"]) == (200, "text/html", page)
    assert b"\r\nSCRIPT_NAME: /shop\r\n" in asked[0]


def test_it_asks_as_the_proxy_passes_on_what_came_by_https(answering):
    path, asked = answering(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert once(path, "/", "a", "1", "https")["status"] == 204
    assert b"\r\nX-Forwarded-Proto: https\r\n" in asked[0]


def test_it_tells_where_a_redirect_leads(answering):
    path, _ = answering(b"HTTP/1.1 301 Moved\r\nlocation:  https://shop/up/ \r\n\r\n")
    answer = once(path)
    assert (answer["status"], answer["location"]) == (301, "https://shop/up/")


def test_a_page_is_no_line_to_tell(answering):
    path, _ = answering(b"HTTP/1.1 500 Oh\r\nContent-Type: text/html\r\n\r\n<!doctype html>")
    assert once(path) == {"status": 500, "line": "HTTP/1.1 500 Oh", "location": "", "body": ""}


def test_an_answer_without_an_end_is_an_answer(answering):
    path, _ = answering(b"HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n", holds=True)
    assert once(path)["status"] == 200


@pytest.mark.parametrize(
    ("answer", "holds", "problem"),
    [
        (b"", False, "closed without an answer"),
        (b"", True, "timed out"),
        (b"HTTP/1.1 200 OK\r\n", True, "timed out"),
        (b"SSH-2.0-OpenSSH\r\n", False, "no HTTP"),
        (b"HTTP/1.1\r\n\r\n", False, "no HTTP"),
    ],
)
def test_what_is_no_answer_is_a_problem(answering, answer: bytes, holds: bool, problem: str):
    path, _ = answering(answer, holds=holds)
    assert once(path)["problem"] == problem


def test_it_tells_of_a_socket_that_is_not_there_or_that_nobody_listens_on(tmp_path: Path):
    path = tmp_path / "s"
    assert once(path) == {"problem": "no socket"}
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        assert once(path) == {"problem": "connection refused"}


def test_a_service_whose_queue_is_full_is_told_at_once(tmp_path: Path):
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as first:
        server.bind(str(path))
        server.listen(0)
        first.connect(str(path))
        assert once(path) == {"problem": "queue full"}


class Server:
    """A server that gives one answer after another, and the last of them again and again."""

    def __init__(self, path: Path, *statuses: int) -> None:
        self.asked = 0
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            while True:
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    status = statuses[min(self.asked, len(statuses) - 1)]
                    self.asked += 1
                    connection.sendall(f"HTTP/1.0 {status} Odd\r\n\r\n".encode())

        threading.Thread(target=serve, daemon=True).start()


HEALTH = ("/up/", "a", "5", "http")


@pytest.mark.parametrize(
    ("ranges", "status", "asked"),
    [("200-299", 204, 3), ("200-299,404-404", 404, 2), ("0-999", 503, 1)],
)
def test_it_asks_until_the_answer_is_good_enough(tmp_path, ranges, status, asked):
    server = Server(tmp_path / "s", 503, 404, 204)
    assert until(tmp_path / "s", *HEALTH, "60", ranges)["status"] == status
    assert server.asked == asked


def test_a_server_that_comes_late_is_found(tmp_path):
    threading.Timer(0.3, Server, (tmp_path / "s", 200)).start()
    assert until(tmp_path / "s", *HEALTH, "60", "200-299")["status"] == 200


def test_after_a_while_the_last_answer_is_told(tmp_path):
    server = Server(tmp_path / "s", 503, 404)
    last = until(tmp_path / "s", *HEALTH, "0.5", "200-299")
    assert last["status"] == (503, 404)[min(server.asked, 2) - 1]
    assert until(tmp_path / "gone", *HEALTH, "0.1", "200-299")["problem"] == "no socket"
