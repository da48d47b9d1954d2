import json

import msgspec
import pytest

from tests.webstack.cli.commands.inspection.test_status import FLASK, NGINX, FakeDocker
from tests.webstack.cli.daemon.looks.test_traffic import METRICS
from webstack.cli.commands.inspection import top
from webstack.cli.daemon.looks.traffic import Requests, Traffic

FOUND = Traffic(60.0, 1, 0, "", {"flask": "1a"}, (Requests("flask", "1a", 120, 2.0, 1),))


def counted(run, found=FOUND, span=60):
    run.docker = FakeDocker([NGINX, FLASK, METRICS])
    run.docker.said = {f"/top?span={span}": msgspec.json.encode(found)}


def test_each_release_is_shown_once_without_a_terminal(run, capsys):
    counted(run)
    assert run("top") == 0
    heading, flask, _, sentence = capsys.readouterr().out.splitlines()
    assert heading.split() == " ".join(top.HEADINGS).split()
    assert flask.split()[:5] == ["flask", "1a", "2.0", "1", "(0.8%)"]
    assert flask.split()[-6:] == ["1", "of", "1", "64", "MiB", "0"]
    assert sentence == "120 requests in the last 60 s, 2.0 a second, 1 of them failed."


def test_json_has_plain_numbers(run, capsys):
    counted(run, span=3600)
    assert run("top", "--json", "--span", "3600") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["seconds"] == 60
    assert said["rows"][0]["requests"] == 120


def test_what_is_wrong_is_said_in_one_line_each(run, capsys):
    counted(run, msgspec.structs.replace(FOUND, unread=7, trouble="no room\x1b[2J\nleft"))
    assert run("top") == 0
    told = capsys.readouterr().out.splitlines()[-2:]
    assert told[0] == "warning: 7 lines of nginx could not be counted"
    assert told[1].startswith("warning: no room")
    assert "\x1b" not in told[1]


def test_a_stack_that_counts_nothing_says_how_to(run, capsys):
    run.docker = FakeDocker([NGINX, FLASK])
    assert run("top") == 1
    err = capsys.readouterr().err
    assert "nobody counts the requests of dev" in err
    assert "webstack:observe" in err


def test_one_that_does_not_answer_is_told(run, capsys):
    run.docker = FakeDocker([METRICS])
    run.docker.said = {"/top?span=60": b"Traceback"}
    assert run("top") == 1
    assert "does not say what it has counted" in capsys.readouterr().err


@pytest.mark.parametrize("span", ["0", "9", "86401", "1e3", "-60", "²", "9" * 400])
def test_a_span_is_from_ten_seconds_to_a_day(run, capsys, span):
    with pytest.raises(SystemExit):
        run("top", f"--span={span}")
    assert "is no number from 10 to 86400" in capsys.readouterr().err
