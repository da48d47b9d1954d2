"""`webstack alarms` shows what is wrong, tests who is told, and silences them."""

from __future__ import annotations

import json

import msgspec
import pytest

from tests.webstack.cli.commands.inspection.test_status import NGINX, FakeDocker
from tests.webstack.cli.daemon.looks.test_traffic import METRICS
from webstack.cli.daemon.looks.alarms import Alarms, Incident

OVER = Incident("shop fails\x1b[2J", 1_795_932_000, 1_795_932_600)
OPEN = Incident("the disk is full", 1_795_933_000)


def known(run, *incidents, asked="", **more):
    found = Alarms(incidents, 0, more.pop("channels", ("webhook",)), **more)
    run.docker = FakeDocker([NGINX, METRICS])
    run.docker.said = {f"/alarms?{asked}": msgspec.json.encode(found)}


def test_what_was_wrong_is_shown_and_all_is_well(run, capsys):
    known(run, OVER)
    assert run("alarms") == 0
    out = capsys.readouterr().out
    assert "shop fails" in out
    assert "\x1b" not in out
    assert "Alarms go to: webhook." in out


def test_an_open_alarm_is_told_by_the_exit_code(run, capsys):
    known(run, OVER, OPEN)
    assert run("alarms", "--json") == 1
    assert json.loads(capsys.readouterr().out)["incidents"][1]["ended"] is None


def test_messages_that_do_not_go_out_are_told(run, capsys):
    known(run, error="webhook: URLError: timed out")
    assert run("alarms") == 1
    assert "error: messages do not go out: webhook: URLError" in capsys.readouterr().out


def test_a_test_and_a_silence_are_asked_for(run, capsys):
    known(run, asked="test")
    assert run("alarms", "--test") == 0
    assert "A test is on its way" in capsys.readouterr().out
    known(run, asked="silence=5400")
    assert run("alarms", "--silence", "90") == 0
    known(run, asked="test", channels=())
    assert run("alarms", "--test") == 1
    assert "alarms go nowhere" in capsys.readouterr().err


def test_a_stack_that_looks_for_nothing_says_how_to(run, capsys):
    run.docker = FakeDocker([NGINX])
    assert run("alarms") == 1
    assert "webstack:observe" in capsys.readouterr().err


@pytest.mark.parametrize("minutes", ["-1", "x", "10081", "1e2"])
def test_a_silence_has_an_end(run, capsys, minutes):
    with pytest.raises(SystemExit):
        run("alarms", f"--silence={minutes}")
    assert "is no number of minutes from 0 to 10080" in capsys.readouterr().err
