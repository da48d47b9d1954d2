"""The commands before a switch are shown while they run, and have limits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from infra.daemon.failures import ContainerError
from infra.daemon.following import Heard
from infra.daemon.status import ContainerStatus
from infra.model.rollout_plan import ReplicaTarget, ServiceRelease
from infra.rollout.events import (
    Event,
    LockedOut,
    OutputHeldBack,
    OutputLeftOut,
    OutputLine,
    PreparationBegan,
    Prepared,
    StillRunning,
    Timeline,
)
from infra.rollout.gate import preparation
from infra.rollout.gate.preparation import Told, prepare

SERVICE = ServiceRelease(
    release="aa",
    replicas=(
        ReplicaTarget("shop-0-aa", "aa-0.sock", {}),
        ReplicaTarget("shop-1-aa", "aa-1.sock", {}),
    ),
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
        self.given: list[Any] = []
        self.closed = False

    @contextmanager
    def following(self, *words: str, environment: Any = None) -> Iterator[Command]:
        self.ran.append(words)
        self.given.append(environment)
        yield self
        self.closed = True

    def hear(self, _seconds: float) -> Heard:
        part = next(self._parts, None)
        if part is None and self._endless:
            time.sleep(0.05)
        return Heard(part or [], ended=part is None and not self._endless)

    def exit_code(self) -> int | None:
        return self._code

    def status(self, _name: str) -> ContainerStatus:
        return ContainerStatus("running", 0)

    def last_lines(self, name: str) -> str:
        return f"    {name}: Read-only file system: '/app/logs/shop.log'"


def run(command: Any) -> list[Event]:
    events: list[Event] = []
    prepare(command, "shop", SERVICE, ("flask", "db", "upgrade"), Timeline(events.append))
    return events


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, OutputLine)]


def test_it_is_told_line_by_line_with_the_time_gone_by():
    command = Command([b"one", b"two\r"], [], [b"three"])
    began, *lines, done = run(command)
    assert isinstance(began, PreparationBegan)
    assert (began.service, began.container) == ("shop", "shop-0-aa")
    assert began.command == "flask db upgrade"
    assert texts(lines) == ["one", "two", "three"]
    assert isinstance(done, Prepared)
    assert 0 < lines[0].running <= lines[-1].running <= done.running <= done.seconds
    assert command.ran == [("shop-0-aa", "flask", "db", "upgrade")]
    assert command.closed


def test_what_it_prints_is_told_escaped():
    events = run(Command([b"\x1b[31mone\x1b[0m", b"\x1b[2Jtwo\xe2\x80\xa8", b"\xff"]))
    assert texts(events) == ["one", "\\u001b[2Jtwo\\u2028", "\ufffd"]


def test_one_that_fails_is_told_with_its_last_lines():
    with pytest.raises(ContainerError) as caught:
        run(Command([b"line %d" % number for number in range(99)], code=3))
    first, *lines = str(caught.value).splitlines()
    assert first == "flask db upgrade failed in shop-0-aa (exit code 3)"
    assert (lines[0], lines[-1], len(lines)) == ("    line 49", "    line 98", 50)


def test_one_that_is_killed_while_its_container_runs_wanted_more_memory():
    command = Command([b"Applying shop.0001_initial... OK"], code=137)
    with pytest.raises(ContainerError) as caught:
        run(command)
    first = str(caught.value).splitlines()[0]
    assert first.endswith(
        "(exit code 137); it was killed, as happens to what needs more memory than its container "
        "has: give it more in webstack:services.shop.memory"
    )


def test_one_that_ends_with_its_container_is_told_with_the_log_of_that():
    with pytest.raises(ContainerError) as caught:
        run(Command(code=137))
    first, *lines = str(caught.value).splitlines()
    assert first.startswith("flask db upgrade failed in shop-0-aa (exit code 137); name the folder")
    assert "/app/logs" in first
    assert lines == ["    shop-0-aa: Read-only file system: '/app/logs/shop.log'"]


def test_one_that_takes_too_long_is_ended_and_told_how_to_give_it_longer():
    command = Command([b"waiting for a lock"], endless=True)
    with pytest.raises(ContainerError) as caught:
        run(command)
    assert str(caught.value) == (
        "flask db upgrade was ended in shop-0-aa after 1 s; it may have longer: "
        "webstack:services.shop.before_release_timeout\n    waiting for a lock"
    )
    assert command.closed


def hearing(**changes: Any) -> tuple[Told, list[Event]]:
    events: list[Event] = []
    return Told("shop", "shop-0-aa", Timeline(events.append), **changes), events


def test_of_much_output_the_beginning_and_the_end_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(preparation, "MOST", 40)
    told, events = hearing()
    for start in range(0, 1000, 100):
        told.hear([b"line %03d" % number for number in range(start, start + 100)])
    assert len(told.last) < 100
    told.end()
    assert texts(events[:5]) == [f"line {number:03}" for number in range(5)]
    held, left_out = events[5:7]
    assert isinstance(held, OutputHeldBack)
    assert isinstance(left_out, OutputLeftOut)
    assert left_out.lines == 945
    assert texts(events[7:]) == [f"line {number:03}" for number in range(950, 1000)]


def test_what_is_left_out_and_kept_is_not_told_twice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(preparation, "MOST", 5)
    told, events = hearing()
    told.hear([b"seen", b"unseen"])
    told.end()
    assert [type(event) for event in events] == [OutputLine, OutputHeldBack, OutputLine]
    assert texts(events) == ["seen", "unseen"]


def test_a_command_that_says_nothing_for_long_is_said_to_run():
    told, events = hearing(began=time.monotonic() - preparation.SILENCE)
    told.hear([])
    told.hear([])
    assert [type(event) for event in events] == [StillRunning]


def test_an_engine_that_knows_the_exit_code_a_moment_later_is_asked_again():
    class Late(Command):
        def exit_code(self) -> int | None:
            code, self._code = self._code, 0
            return code

    assert isinstance(run(Late(code=None))[-1], Prepared)


class Repeated(Command):
    """A command that gets no lock so many times, and then ends well."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    def hear(self, _seconds: float) -> Heard:
        locked = len(self.ran) <= self.failures
        lines = [b"ERROR:  canceling statement due to lock timeout"] if locked else []
        return Heard(lines, ended=True)

    def exit_code(self) -> int | None:
        return int(len(self.ran) <= self.failures)


def prepared(command: Any, lock_timeout: int | None = None) -> list[Event]:
    events: list[Event] = []
    service = replace(SERVICE, lock_timeout=lock_timeout)
    prepare(command, "shop", service, ("migrate",), Timeline(events.append))
    return events


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "_PAUSE", 0.0)


@pytest.mark.usefixtures("_at_once")
def test_without_a_lock_in_time_it_is_run_again():
    command = Repeated(failures=2)
    events = prepared(command, lock_timeout=5)
    assert len(command.ran) == 3
    assert [each.waited for each in events if isinstance(each, LockedOut)] == [5, 5]
    assert isinstance(events[-1], Prepared)
    assert command.given[0]["PGOPTIONS"].startswith("-c lock_timeout=5s ")


@pytest.mark.usefixtures("_at_once")
def test_it_is_not_run_for_ever():
    command = Repeated(failures=99)
    with pytest.raises(ContainerError, match="due to lock timeout"):
        prepared(command, lock_timeout=5)
    assert len(command.ran) == 5


@pytest.mark.usefixtures("_at_once")
def test_what_needs_no_database_is_run_once_and_as_it_is():
    command = Repeated(failures=1)
    with pytest.raises(ContainerError):
        prepared(command)
    assert command.given == [None]
