"""The releases that can come back, as a table and as JSON."""

import json

import pytest

from tests.webstack.cli.release_states import exported, summary


@pytest.fixture(autouse=True)
def released(session):
    session.records.deployment = exported(summary(1), summary(2))


def test_releases_are_listed_newest_first(run, session, capsys):
    session.records.deployment = exported(
        summary(1, clean=False), summary(2, commit=""), summary(3, first=1, rollback_of=1)
    )
    assert run("releases") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["RELEASE", "3", "2", "1"]
    assert lines[1].endswith("proxy 1, shop 3  in force, rollback of 1")
    assert "0123456789ab and changes" in lines[3]


def test_as_json_they_are_whole_and_their_secrets_masked(run, capsys):
    assert run("releases", "--json") == 0
    out = capsys.readouterr().out
    newest = json.loads(out)[0]
    assert newest["number"] == 2
    assert newest["settings"] == {"port": 80}
    assert newest["configuration"] == "server {}"
    assert newest["static"] == {"shop": ["site.0123456789ab.css"]}
    assert newest["secrets"] == {"shop": {"KEY": "[secret]"}}
    assert "hush" not in out


def test_a_stack_without_releases_says_so(run, session, capsys):
    session.records.deployment = json.dumps({"version": 3, "deployment": {}})
    assert run("releases") == 0
    assert "dev has no release yet" in capsys.readouterr().err
