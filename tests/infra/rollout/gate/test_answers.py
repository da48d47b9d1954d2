"""The answer of a service to the health check is told, with a way out where there is one."""

from __future__ import annotations

import msgspec
import pytest

from infra.rollout.gate.answers import Answer, meaning
from webstack.contract.health_check import HealthCheck

CHECK = HealthCheck(path="/up", host="shop.localhost")


def answered(status: int, **more: str) -> Answer:
    return Answer(status=status, line=f"HTTP/1.1 {status} Words", **more)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answered(301, location="https://shop/up"), ["https", "health: {scheme: https}", "[301]"]),
        (answered(302, location="/up/"), ["another page", "health: /up/"]),
        (answered(302, location="/login?next=/up"), ["health: /login", "status: [302]"]),
        (answered(400), ["shop.localhost", "ALLOWED_HOSTS", "health: {host: "]),
        (answered(401), ["not for everybody", "health: {status: [401]}"]),
        (answered(404), ["no such page", "health: /path"]),
        (answered(418), ["not accepted", "health: {status: [418]}"]),
        (answered(500), ["failed", "its log says why"]),
        (answered(503), ["not ready"]),
        (Answer(problem="no socket"), ["$WEBSTACK_SOCKET", "port: 8000"]),
        (Answer(problem="connection refused"), ["nobody listens"]),
        (Answer(problem="permission denied"), ["0777"]),
        (Answer(problem="timed out"), ["in time", "health: {timeout: 30}"]),
        (Answer(problem="queue full"), ["takes no more connections"]),
        (Answer(problem="closed without an answer"), ["a worker does that dies"]),
        (Answer(problem="no HTTP", line="SSH-2.0"), ["no HTTP"]),
        (Answer(problem="another container listens there"), ["as an intruder would", "stop them"]),
        (Answer(problem="no socket, but something else stands there"), ["a link, a folder"]),
        (Answer(problem="something of the kernel"), ["cannot be asked"]),
    ],
)
def test_each_answer_has_a_meaning_and_a_way_out(answer: Answer, words: list[str]):
    said = meaning(answer, CHECK)
    assert [word for word in words if word not in said] == []
    assert "; " in said
    assert "\n" not in said
    assert "{{" not in said


def test_one_that_is_asked_by_https_and_sends_on_all_the_same_is_no_matter_of_http():
    check = msgspec.structs.replace(CHECK, scheme="https")
    assert "another page" in meaning(answered(301, location="https://shop/up"), check)


def test_an_error_before_the_preparation_may_be_for_want_of_it():
    check = msgspec.structs.replace(CHECK, asked="before")
    assert "health: {asked: after}" in meaning(answered(500), check)
    assert "before_release" in meaning(answered(500), CHECK)


def test_a_service_with_a_port_is_told_of_its_port():
    said = meaning(Answer(problem="no socket"), CHECK, relayed=True)
    assert "0.0.0.0 and $PORT" in said


def test_an_answer_is_one_line_whatever_it_holds():
    told = str(Answer(status=302, line="HTTP/1.1 302\nx", location="/a\n b", body="c\n\nd"))
    assert told == '"HTTP/1.1 302 x" to /a b (c d)'
    assert str(Answer(problem="timed out")) == "no answer: timed out"
    assert str(Answer(problem="no HTTP", line="SSH-2.0")) == 'no answer: no HTTP ("SSH-2.0")'
