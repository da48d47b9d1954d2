"""Only stacks whose time is over are taken away."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timezone

import pytest
from msgspec.structs import replace

from tests.webstack.cli.conftest import FakeRecords, FakeRunner
from webstack.cli.backends import session_setup
from webstack.cli.environments import expiry
from webstack.cli.terminal.errors import OpsError

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("outputs", "over"),
    [
        ({}, False),
        ({"expires": "2026-11-20T23:59:59Z"}, True),
        ({"expires": "2026-11-21T00:00:00Z"}, True),
        ({"expires": "2026-11-21T00:00:01Z"}, False),
    ],
)
def test_a_stack_says_itself_when_its_time_is_over(outputs, over: bool):
    assert expiry.is_over(outputs, NOW) is over


@pytest.fixture
def stacks(session, monkeypatch: pytest.MonkeyPatch):
    """Give two stacks of the project; the time of the second is over."""
    found = {}
    for name, moment in (("dev", "9999-01-01T00:00:00Z"), ("staging", "2000-01-01T00:00:00Z")):
        records = FakeRecords()
        records.found = {"expires": moment}
        found[name] = replace(session, stack=name, records=records, runner=FakeRunner())
    monkeypatch.setattr(session_setup, "open_session", lambda name, *_, **__: found[name or "dev"])
    monkeypatch.setattr(session_setup, "provide_daemon", lambda *_: None)
    return found


OPTIONS = Namespace(stack=None, engine=None, cwd=None, yes=True)


def test_only_what_is_over_is_taken_away(stacks, capsys: pytest.CaptureFixture[str]):
    assert expiry.prune_expired(OPTIONS) == 0
    assert stacks["staging"].runner.done == ["unprotect", "destroy"]
    assert stacks["staging"].records.deleted
    assert stacks["dev"].runner.done == []
    assert capsys.readouterr().out.splitlines() == [
        "The time of these is over: staging.",
        "staging is gone: its time was over.",
    ]


@pytest.mark.parametrize("moment", ["2026-13-45T00:00:00Z", "soon", ""])
def test_a_stack_whose_time_is_none_keeps_no_other(stacks, moment: str, capsys):
    stacks["dev"].records.found = {"expires": moment}
    assert expiry.prune_expired(OPTIONS) == 1
    assert stacks["staging"].records.deleted
    assert stacks["dev"].runner.done == []
    error = capsys.readouterr().err
    assert error == (
        f"error: dev: its time ends at {moment}, which no calendar has; "
        "correct webstack:expires and run `webstack up`\n"
    )


def test_a_stack_that_cannot_be_opened_keeps_no_other(stacks, capsys, monkeypatch):
    def opened(name, *_, **__):
        if name == "dev":
            raise OpsError("its settings are broken")
        return stacks[name or "staging"]

    monkeypatch.setattr(session_setup, "open_session", opened)
    assert expiry.prune_expired(OPTIONS) == 1
    assert stacks["staging"].records.deleted
    assert capsys.readouterr().err == "error: dev: its settings are broken\n"


def test_without_a_yes_it_only_tells(stacks, capsys: pytest.CaptureFixture[str]):
    assert expiry.prune_expired(Namespace(**{**vars(OPTIONS), "yes": False})) == 8
    assert stacks["staging"].runner.done == []
    assert capsys.readouterr().err == "Nothing was removed; add --yes.\n"


def test_one_that_cannot_be_taken_away_keeps_its_records(stacks, capsys):
    def locked(*_):
        raise OpsError("it is locked")

    stacks["staging"].runner.destroy = locked
    assert expiry.prune_expired(OPTIONS) == 1
    assert not stacks["staging"].records.deleted
    assert capsys.readouterr().err == "error: staging: it is locked\n"
