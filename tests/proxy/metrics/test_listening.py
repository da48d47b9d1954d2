"""The meter answers whoever knows the token, and nobody keeps others from it."""

from __future__ import annotations

import socket
import threading

import pytest
from meter.listening import Answer, ask, listening, serve


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "meter.sock")


def serving(path, token=""):
    listener = listening(path)

    def answer(target):
        return Answer(200, "text/plain", f"at {target}")

    threading.Thread(target=serve, args=(listener, answer, token), daemon=True).start()
    return listener


def said(path, text):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(text)
        try:
            return b"".join(iter(lambda: connection.recv(4096), b""))
        except ConnectionResetError:  # closed before it was read
            return b""


def test_it_answers_what_is_asked(path):
    serving(path)
    assert ask(path, "/top?span=60") == Answer(200, "", "at /top?span=60")


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (b"", b"401"),
        (b"Authorization: Bearer another\r\n", b"401"),
        (b"Authorization: Basic secret\r\n", b"401"),
        (b"X-Authorization: Bearer secret\r\n", b"401"),
        (b"authorization: bearer secret\r\n", b"200"),
    ],
)
def test_only_who_knows_the_token_is_answered(path, field, status):
    serving(path, token="secret")
    answer = said(path, b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + field + b"\r\n")
    assert answer.split()[1] == status


@pytest.mark.parametrize(
    "text",
    [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01 x y\r\n\r\n", b"GET / HTTP/1.1 x\r\n\r\n"],
)
def test_what_is_no_request_is_left_without_an_answer(path, text):
    serving(path)
    assert b" 200 " not in said(path, text)
    assert ask(path, "/").status == 200


def test_other_methods_find_nothing(path):
    serving(path)
    assert said(path, b"POST / HTTP/1.1\r\n\r\n").split()[1] == b"404"


def test_clients_that_say_nothing_do_not_keep_others_out_for_ever(path):
    serving(path)
    silent = [socket.socket(socket.AF_UNIX) for _ in range(8)]
    for each in silent:
        each.connect(path)
    # One more is turned away at once, and not kept waiting.
    assert said(path, b"GET / HTTP/1.0\r\n\r\n") == b""
    for each in silent:
        each.close()
    while not said(path, b"GET / HTTP/1.0\r\n\r\n"):
        pass
