"""Nginx is shown: its configuration, its own verdict on it, and the way of an address."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webstack.cli.daemon.nginx import proxied

CONFIGURATION = b"""http {
location @shop-cached {
    proxy_cache_key "$generation\\n$scheme\\n$request_uri";
}
}
"""
ANSWER = {"status": 200, "reason": "OK", "size": 5, "headers": [["Cache-Status", "webstack; hit"]]}


class Docker:
    """A listener and an nginx that answers, and logs what it was asked."""

    def __init__(self, code: int = 0, **line: str) -> None:
        self.api, self.code, self.line = self, code, line
        self.ran: list[list[str]] = []

    def exec_create(self, _name: str, command: list[str], **_: Any) -> dict[str, str]:
        self.ran.append(command)
        return {"Id": command[0]}

    def exec_start(self, job: str) -> bytes:
        said = {"cat": CONFIGURATION, "nginx": b"[emerg] no such word\n"}
        return self._log() if job == "webstack-log" else said.get(job, json.dumps(ANSWER).encode())

    def exec_inspect(self, job: str) -> dict[str, int]:
        return {"ExitCode": self.code if job == "nginx" else 0}

    def _log(self) -> bytes:
        sent = json.loads(self.ran[0][-1])[-1]["X-Request-ID"]
        return b"1:1 " + json.dumps({"request_id": sent, "service": "shop", **self.line}).encode()


@pytest.fixture
def of(run, session, monkeypatch):
    """Run the command with this nginx."""
    from webstack.cli.state.stack_state import StackState

    release = {"proxy": "nginx", "holder": "holder", "services": {"shop": {}}}
    monkeypatch.setattr(StackState, "release", lambda _self: release)

    def of(*words: str, **docker: Any) -> tuple[int, Docker]:
        run.docker = Docker(**docker)
        return run("proxy", *words), run.docker

    return of


def test_the_configuration_is_shown_as_it_is(of, capsys):
    assert of("show")[0] == 0
    assert capsys.readouterr().out == CONFIGURATION.decode()


def test_nginx_judges_it(of, capsys):
    assert of("check")[0] == 0
    assert of("check", code=1)[0] == 1
    assert "error: nginx failed in nginx: [emerg] no such word" in capsys.readouterr().err


def test_an_address_is_told_with_route_cache_and_headers(of, capsys):
    code, docker = of("test", "http://localhost:8080/a?b=c", cache="HIT")
    assert code == 0
    scheme, port, method, target, headers = json.loads(docker.ran[0][-1])
    assert (scheme, port, method, target) == ("http", 8080, "GET", "/a?b=c")
    assert headers["Host"] == "localhost:8080"
    assert capsys.readouterr().out.splitlines() == [
        "answer   200 OK, 5 bytes",
        "route    shop",
        "cache    hit, by $generation $scheme $request_uri",
        "header   Cache-Status: webstack; hit",
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--method", "POST"], "POST is never answered from memory"),
        (["--header", "Cookie: a=b"], "a cookie says who asks"),
        (["--header", "authorization: x"], "Authorization says who asks"),
        ([], "it is a file, a stream"),
    ],
)
def test_why_the_cache_was_passed_by(of, capsys, words, reason):
    of("test", "http://localhost/", *words, upstream="unix:/run/nginx/upstreams/shop-0.sock")
    out = capsys.readouterr().out
    assert f"cache    passed by: {reason}" in out
    assert "asked    shop-0.sock: " in out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["test"], "no address is no http address"),
        (["test", "ftp://a/"], "ftp://a/ is no http address"),
        (["test", "http://a/ b"], "http://a/ b is no http address"),
        (["test", "http://[a/"], "http://[a/ is no http address"),
        (["test", "http://a/", "--method", "get"], "get is no method"),
        (["test", "http://a/", "--header", "a\nb"], "a\\nb is no header"),
        (["test", "https://a/"], "nothing listens for https"),
        (["show", "http://a/"], "show takes no address"),
    ],
)
def test_what_is_no_request_is_told_in_one_line(of, capsys, words, error):
    assert of(*words)[0] == 1
    said = capsys.readouterr().err
    assert error in said
    assert said.count("\n") == 1


def test_a_line_of_another_request_is_not_taken():
    assert proxied.line_of([b'{"request_id": "other"}', b"wanted"], "wanted") is None
