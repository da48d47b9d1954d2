import json

from tests.webstack.cli.conftest import VOLUME


def test_destroy_refuses_what_is_protected_by_default(run, session):
    run("destroy", "--yes")
    assert not session.runner.options[-1].exclude_protected


def test_destroy_refuses_to_lose_data(run, session, capsys):
    resources = [{"urn": VOLUME, "protect": True}, {"urn": "urn:pulumi:dev::a::b::c"}]
    session.records.deployment = json.dumps({"deployment": {"resources": resources}})
    assert run("destroy", "--yes") == 1
    assert "destroy" not in session.runner.done
    assert "--exclude-protected, or say --allow-data-loss" in capsys.readouterr().err
    assert run("destroy", "--yes", "--exclude-protected") == 0
    assert run("destroy", "--yes", "--allow-data-loss") == 0
    assert session.runner.done == ["destroy", "unprotect", "destroy"]


def test_destroy_takes_volumes_that_hold_nothing(run, empty):
    assert run("destroy", "--yes") == 0
    assert empty.runner.done == ["unprotect", "destroy"]
    assert empty.runner.options[0] == (VOLUME,)
