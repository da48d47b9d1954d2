"""What a service runs before it is switched to: shown as it comes, and within limits."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.daemon.containers import ContainerError
from infra.daemon.following import Heard
from infra.model.rollout_plan import ServiceRelease, Target
from infra.rollout import preparation
from infra.rollout.preparation import Told, prepare

SERVICE = ServiceRelease(
    release="aa",
    replicas=(Target("shop-0-aa", "aa-0.sock", {}), Target("shop-1-aa", "aa-1.sock", {})),
    health="/",
    start_timeout=1,
    grace=1,
    before_release_timeout=1,
)


class Command:
    """A command that is heard part by part, and has an exit code at its end."""

    def __init__(self, *parts: list[bytes], code: int | None = 0, endless: bool = False) -> None:
        self._parts = iter(parts)
        self._code = code
        self._endless = endless
        self.ran: list[tuple[str, ...]] = []
        self.closed = False

    @contextmanager
    def following(self, *words: str) -> Iterator[Command]:
        self.ran.append(words)
        yield self
        self.closed = True

    def hear(self, _seconds: float) -> Heard:
        part = next(self._parts, None)
        if part is None and self._endless:
            time.sleep(0.05)
        return Heard(part or [], ended=part is None and not self._endless)

    def exit_code(self) -> int | None:
        return self._code


def run(command: Any) -> None:
    prepare(command, "shop", SERVICE, ("flask", "db", "upgrade"))


def test_it_is_shown_line_by_line_with_the_time_gone_by(capsys: pytest.CaptureFixture[str]):
    command = Command([b"one", b"two\r"], [], [b"three"])
    run(command)
    title, *lines = capsys.readouterr().err.splitlines()
    assert title == "shop: flask db upgrade"
    assert [re.sub(r"^ +\d+\.\d s  ", "", line) for line in lines] == [
        "one",
        "two",
        "three",
        "shop: done",
    ]
    assert all(re.match(r" +\d+\.\d s  ", line) for line in lines)
    assert command.ran == [("shop-0-aa", "flask", "db", "upgrade")]
    assert command.closed


def test_what_it_prints_is_shown_escaped(capsys: pytest.CaptureFixture[str]):
    run(Command([b"\x1b[31mone\x1b[0m", b"\x1b[2Jtwo\xe2\x80\xa8", b"\xff"]))
    shown = capsys.readouterr().err
    assert "  one\n" in shown
    assert "  \\u001b[2Jtwo\\u2028\n" in shown
    assert "\ufffd" in shown


def test_one_that_fails_is_told_with_its_last_lines():
    with pytest.raises(ContainerError) as caught:
        run(Command([b"line %d" % number for number in range(99)], code=3))
    first, *lines = str(caught.value).splitlines()
    assert first == "flask db upgrade failed in shop-0-aa (exit code 3)"
    assert (lines[0], lines[-1], len(lines)) == ("    line 49", "    line 98", 50)


def test_one_that_takes_too_long_is_ended_and_told_how_to_give_it_longer():
    command = Command([b"waiting for a lock"], endless=True)
    with pytest.raises(ContainerError) as caught:
        run(command)
    assert str(caught.value) == (
        "flask db upgrade was ended in shop-0-aa after 1 s; it may have longer: "
        "webstack:services.shop.before_release_timeout\n    waiting for a lock"
    )
    assert command.closed


def test_of_much_output_the_beginning_and_the_end_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(preparation, "MOST", 40)
    told = Told()
    for start in range(0, 1000, 100):
        told.hear([b"line %03d" % number for number in range(start, start + 100)])
    assert len(told.last) < 100
    told.end()
    shown = [line.partition(" s  ")[2] for line in capsys.readouterr().err.splitlines()]
    assert shown[:5] == [f"line {number:03}" for number in range(5)]
    assert shown[5:7] == [
        "(more than can be shown; the last lines follow)",
        "(945 lines are not shown)",
    ]
    assert shown[7:] == [f"line {number:03}" for number in range(950, 1000)]


def test_what_is_left_out_and_kept_is_not_shown_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(preparation, "MOST", 5)
    told = Told()
    told.hear([b"seen", b"unseen"])
    told.end()
    shown = [line.partition(" s  ")[2] for line in capsys.readouterr().err.splitlines()]
    assert shown == ["seen", "(more than can be shown; the last lines follow)", "unseen"]


def test_a_command_that_says_nothing_for_long_is_said_to_run(
    capsys: pytest.CaptureFixture[str],
):
    told = Told(began=time.monotonic() - preparation.SILENCE)
    told.hear([])
    told.hear([])
    assert capsys.readouterr().err.count("(still running)") == 1


def test_an_engine_that_knows_the_exit_code_a_moment_later_is_asked_again():
    class Late(Command):
        def exit_code(self) -> int | None:
            code, self._code = self._code, 0
            return code

    run(Late(code=None))
