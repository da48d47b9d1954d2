"""The access log is read by a command of nginx's image, on from where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from webstack.cli.daemon.nginx import access_log
from webstack.docker.errors import RefusedError

ODD = '{"unix":1764400000.123,"path":"/\\u001b[31m","user_agent":"caf\u00e9"}'


class Docker:
    """An nginx that says the same each time, or has no such command."""

    def __init__(self, *said: bytes, code: int = 0) -> None:
        self.said, self.code = list(said), code
        self.ran: list[tuple[str, list[str]]] = []

    def exec_create(self, name: str, command: list[str], **_: Any) -> dict[str, str]:
        self.ran.append((name, command))
        return {"Id": "1"}

    def exec_start(self, _job: str, stream: bool = False) -> Any:
        said = self.said.pop(0)
        if said == b"away":
            raise RefusedError("is not running")
        return iter([said[:30], said[30:]]) if stream else said

    def exec_inspect(self, _job: str) -> dict[str, int]:
        return {"ExitCode": self.code}

    def logs(self, _name: str, **_: Any) -> bytes:
        return b"line on the output\n"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log.time, "sleep", lambda _seconds: None)


def test_the_last_lines_come_without_their_places():
    docker = Docker(f"7:90 {ODD}\n7:99 two\n".encode())
    assert access_log.last_lines(docker, "nginx", 5) == [ODD.encode(), b"two"]
    assert docker.ran == [("nginx", ["webstack-log", "--last", "5"])]


def test_an_nginx_of_an_earlier_version_has_them_on_its_output():
    docker = Docker(b"OCI runtime exec failed: no such file", b"1:1 x", code=126)
    assert access_log.last_lines(docker, "nginx", 5) == [b"line on the output"]
    assert access_log.recent(docker, "nginx", "nginx-1", 5) == []


def test_lines_have_their_time_in_the_form_of_the_daemon():
    docker = Docker(f"7:90 {ODD}\n".encode())
    (line,) = access_log.recent(docker, "nginx", "nginx-1", 5)
    assert line.time == "2025-11-29T07:06:40.123Z"
    assert (line.source, line.text) == ("nginx-1", ODD)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"unix":"x"}', '{"unix":1e99}', '{"unix":null}'])
def test_a_line_without_a_time_is_given_all_the_same(text: str):
    assert access_log.line("nginx", text).text == text


def test_following_goes_on_where_it_was_through_whichever_nginx_runs():
    names = iter([("old", "nginx-1"), None, ("new", "nginx-2"), ("new", "nginx-2")])
    said = [f"7:90 {ODD}\n7:95 two\n", "away", "OCI runtime: exec failed\n8:20 three\n"]
    docker = Docker(*(each.encode() for each in said))

    def lines() -> Iterator[Any]:
        return access_log.follow(docker, lambda: next(names), 3)

    found = [(line.source, line.text) for line in islice(lines(), 3)]
    assert found == [("nginx-1", ODD), ("nginx-1", "two"), ("nginx-2", "three")]
    words = [(name, command[1:3]) for name, command in docker.ran]
    assert words == [
        ("old", ["--last", "3"]),
        ("new", ["--after", "7:95"]),
        ("new", ["--after", "7:95"]),
    ]
    assert json.loads(ODD)["path"] == "/\x1b[31m"
