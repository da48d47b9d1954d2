import json

import pytest

from tests.webstack.cli.conftest import STACK_STEP, VOLUME
from webstack.cli.backends.runner import OperationOptions, PreviewResult
from webstack.cli.daemon import containers
from webstack.docker.errors import DaemonError


def test_up_looks_ahead_unseen_and_shows_where_it_serves(run, session, capsys):
    """Without a terminal there is nobody to ask, but data that would go is noticed."""
    assert run("up") == 0
    assert session.runner.done == ["ensure_stack", "preview", "up"]
    assert session.runner.options[1].quiet
    out, err = capsys.readouterr()
    assert "flask    http://localhost:8080/  1" in out
    assert "dev is up after" in out
    assert err == "dev: run by the embedded engine (a test)\n"


def test_up_on_a_terminal_asks_first(run, session):
    assert run("up", answer="y") == 0
    assert session.runner.done == ["ensure_stack", "preview", "up"]


def test_a_no_changes_nothing_and_says_so_by_pulumis_exit_code(run, session):
    assert run("up", answer="") == 8
    assert session.runner.done == ["ensure_stack", "preview"]


def test_a_question_is_asked_only_where_something_would_change(run, session):
    session.runner.plan = PreviewResult(0, changes=False)
    assert run("up", answer="n") == 0
    assert session.runner.done[-1] == "up"


def test_up_ends_with_its_look_ahead_where_all_is_settled(run, session, capsys):
    document = {"steps": [], "changeSummary": {"same": 3}}
    session.runner.plan = PreviewResult(0, changes=False, document=document, settled=True)
    assert run("up", "--yes") == 0
    assert session.runner.done == ["ensure_stack", "preview"]
    out, _ = capsys.readouterr()
    assert "Nothing to change: 3 resources are as declared." in out
    assert "dev is up after" in out
    assert run("up", "--yes", "--refresh") == 0
    assert session.runner.done[-1] == "up"


@pytest.mark.parametrize("settled", [False, True])
def test_up_is_not_said_of_what_does_not_do_its_work(run, session, capsys, settled):
    session.runner.plan = PreviewResult(0, changes=not settled, settled=settled)
    run.faults = {"webstack-dev-worker": "ends again\x1b[2J"}
    assert run("up", "--yes") == 1
    out, err = capsys.readouterr()
    assert "is up" not in out
    assert "error: webstack-dev-worker ends again\\u001b[2J\n" in err


def test_yes_skips_the_question(run, session):
    assert run("up", "--yes", answer="n") == 0
    assert session.runner.done == ["ensure_stack", "preview", "up"]


def test_a_preview_that_fails_ends_up(run, session):
    session.runner.plan = PreviewResult(1, changes=True)
    assert run("up", answer="y") == 1
    assert "up" not in session.runner.done


def test_a_failed_up_shows_no_table_and_keeps_the_exit_code(run, session, capsys):
    session.runner.code = 1
    assert run("up") == 1
    assert "is up" not in capsys.readouterr().out


def test_options_reach_the_runner(run, session):
    run("up", "--target", "a", "-t", "b", "--refresh", "--parallel", "3", "--expect-no-changes")
    assert session.runner.options[-1] == OperationOptions(
        targets=("a", "b"), refresh=True, parallel=3, expect_no_changes=True
    )


def test_up_refuses_to_lose_data_before_it_does_anything(run, losing, capsys):
    assert run("up", "--yes") == 1
    assert "up" not in losing.runner.done
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: this would lose the data of a-data; ")
    assert error.endswith("--allow-data-loss")


def test_up_unprotects_what_may_go_and_nothing_else(run, losing, capsys):
    assert run("up", "--yes", "--allow-data-loss") == 0
    assert losing.runner.done[-2:] == ["unprotect", "up"]
    assert losing.runner.options[-2] == (VOLUME,)
    assert "a-data  is deleted with its data, as allowed" in capsys.readouterr().out


def test_a_volume_that_holds_nothing_goes_unasked(run, losing, empty, capsys):
    """The look ahead is repeated as it will be without its protection."""
    assert run("up", "--yes") == 0
    assert losing.runner.done == ["ensure_stack", *["preview", "unprotect"] * 2, "up"]
    assert losing.runner.options[-2] == (VOLUME,)
    assert "nothing lost" in capsys.readouterr().out
    assert run("preview", "--json") == 0
    assert json.loads(capsys.readouterr().out)["unwritten"] == [VOLUME]


def test_one_whose_daemon_does_not_answer_counts_as_written(run, losing, empty, monkeypatch):
    def silent(_):
        raise DaemonError("no answer")

    monkeypatch.setattr(containers, "shared", silent)
    assert run("up", "--yes") == 1
    assert "up" not in losing.runner.done


def test_a_plan_is_saved_and_applied_while_nothing_has_moved(run, session, tmp_path, capsys):
    session.runner.plan = PreviewResult(0, changes=True, document={"steps": [STACK_STEP]})
    plan = str(tmp_path / "plan")
    assert run("preview", "--save", plan) == 0
    assert run("up", "--yes", "--plan", plan) == 0
    session.runner.done.clear()
    session.records.deployment = '{"deployment": {"resources": [{"urn": "urn:pulumi:a::b::c::d"}]}}'
    assert run("up", "--yes", "--plan", plan) == 1
    assert "the state of c d is new" in capsys.readouterr().err
    assert "up" not in session.runner.done
