import contextlib
import io
import json
import sys

import pytest

from webstack.cli import main
from webstack.cli.backends import composition, session_setup
from webstack.cli.backends.runner import Options, Plan
from webstack.cli.commands import looking, records
from webstack.cli.plans import dry_run
from webstack.cli.review.document import checked
from webstack.cli.review.reading import review
from webstack.cli.terminal import prompts
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.summary import Leftovers
from webstack.docker.endpoint import Endpoint


@pytest.fixture
def run(session, monkeypatch):
    """Run a command line against the fakes; an answer means that there is a terminal."""

    def run(*words, answer=None):
        for module in (session_setup, looking, records):
            monkeypatch.setattr(module, "open_session", lambda *_: session)
        monkeypatch.setattr(
            session_setup, "ensure_engine", lambda *_: Endpoint("unix:///x", "test")
        )
        monkeypatch.setattr(composition, "get_ahead", lambda *_: None)
        monkeypatch.setattr(looking, "use_engine", lambda: True)
        monkeypatch.setattr(looking, "image_sizes", lambda _: {})
        monkeypatch.setattr(looking, "faults", lambda _: run.faults)
        monkeypatch.setattr(looking, "leftovers", lambda _: Leftovers(["webstack-dev-flask-data"]))
        monkeypatch.setattr(prompts, "is_terminal", lambda: answer is not None)
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{answer or ''}\n"))
        return main.main(words)

    run.faults = {}
    return run


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
    session.runner.plan = Plan(0, changes=False)
    assert run("up", answer="n") == 0
    assert session.runner.done[-1] == "up"


def test_up_ends_with_its_look_ahead_where_all_is_settled(run, session, capsys):
    document = {"steps": [], "changeSummary": {"same": 3}}
    session.runner.plan = Plan(0, changes=False, document=document, settled=True)
    assert run("up", "--yes") == 0
    assert session.runner.done == ["ensure_stack", "preview"]
    out, _ = capsys.readouterr()
    assert "Nothing to change: 3 resources are as declared." in out
    assert "dev is up after" in out
    assert run("up", "--yes", "--refresh") == 0
    assert session.runner.done[-1] == "up"


@pytest.mark.parametrize("settled", [False, True])
def test_up_is_not_said_of_what_does_not_do_its_work(run, session, capsys, settled):
    session.runner.plan = Plan(0, changes=not settled, settled=settled)
    run.faults = {"webstack-dev-worker": "ends again\x1b[2J"}
    assert run("up", "--yes") == 1
    out, err = capsys.readouterr()
    assert "is up" not in out
    assert "error: webstack-dev-worker ends again\\u001b[2J\n" in err


def test_yes_skips_the_question(run, session):
    assert run("up", "--yes", answer="n") == 0
    assert session.runner.done == ["ensure_stack", "preview", "up"]


def test_a_preview_that_fails_ends_up(run, session):
    session.runner.plan = Plan(1, changes=True)
    assert run("up", answer="y") == 1
    assert "up" not in session.runner.done


def test_a_failed_up_shows_no_table_and_keeps_the_exit_code(run, session, capsys):
    session.runner.code = 1
    assert run("up") == 1
    assert "is up" not in capsys.readouterr().out


def test_options_reach_the_runner(run, session):
    run("up", "--target", "a", "-t", "b", "--refresh", "--parallel", "3", "--expect-no-changes")
    assert session.runner.options[-1] == Options(
        targets=("a", "b"), refresh=True, parallel=3, expect_no_changes=True
    )


def test_down_leaves_the_data_and_says_how_to_remove_it(run, session, capsys):
    assert run("down", "--yes") == 0
    assert session.runner.done == ["destroy"]
    assert session.runner.options[-1].exclude_protected
    out = capsys.readouterr().out
    assert "the data volumes webstack-dev-flask-data: make down DATA=1" in out


def test_down_takes_the_data_away_only_when_that_was_asked(run, session):
    assert run("down", "--yes", "--data") == 0
    assert session.runner.done == ["unprotect", "destroy"]


def test_down_with_data_names_it_in_the_question(run, session, capsys):
    assert run("down", "--data", answer="n") == 8
    assert "dev and all its data?" in capsys.readouterr().out
    assert session.runner.done == ["preview_destroy"]


def test_destroy_refuses_what_is_protected_by_default(run, session):
    run("destroy", "--yes")
    assert not session.runner.options[-1].exclude_protected


def test_preview_gives_the_runners_code(run, session):
    session.runner.plan = Plan(7, changes=True)
    assert run("preview", "--expect-no-changes") == 7


def test_refresh_asks_too(run, session):
    assert run("refresh", answer="n") == 8
    assert session.runner.done == []
    assert run("refresh", answer="y") == 0


def test_cancel_removes_the_lock(run, session, capsys):
    assert run("cancel") == 0
    assert session.runner.done == ["cancel"]


VOLUME = "urn:pulumi:dev::webstack::webstack:service:WebService$docker:index/volume:Volume::a-data"
STACK_STEP = {"op": "same", "urn": "urn:pulumi:dev::webstack::pulumi:pulumi:Stack::webstack-dev"}
LOSING = {"steps": [STACK_STEP, {"op": "delete", "urn": VOLUME, "oldState": {"protect": True}}]}


@pytest.fixture
def losing(session, monkeypatch):
    """A session whose next change takes a data volume, with itself in place of its shadow."""
    session.runner.plan = Plan(0, changes=True, document=LOSING)
    monkeypatch.setattr(dry_run, "shadow", lambda _: contextlib.nullcontext(session))
    return session


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


def test_preview_tells_of_the_loss_and_fails(run, losing, capsys):
    assert run("preview") == 1
    assert "a-data  would lose data: refused without --allow-data-loss" in capsys.readouterr().out
    assert run("preview", "--allow-data-loss") == 0


def test_destroy_refuses_to_lose_data(run, session, capsys):
    resources = [{"urn": VOLUME, "protect": True}, {"urn": "urn:pulumi:dev::a::b::c"}]
    session.records.deployment = json.dumps({"deployment": {"resources": resources}})
    assert run("destroy", "--yes") == 1
    assert "destroy" not in session.runner.done
    assert "--exclude-protected, or say --allow-data-loss" in capsys.readouterr().err
    assert run("destroy", "--yes", "--exclude-protected") == 0
    assert run("destroy", "--yes", "--allow-data-loss") == 0
    assert session.runner.done == ["destroy", "unprotect", "destroy"]


@pytest.mark.parametrize(
    ("flag", "beginning"), [("--json", '{\n    "steps"'), ("--markdown", "**Loses the data of 1")]
)
def test_preview_gives_its_forms_alone(run, losing, capsys, flag, beginning):
    run("preview", flag)
    assert capsys.readouterr().out.startswith(beginning)
    assert losing.runner.options[-1].quiet


def test_a_plan_is_saved_and_applied_while_nothing_has_moved(run, session, tmp_path, capsys):
    session.runner.plan = Plan(0, changes=True, document={"steps": [STACK_STEP]})
    plan = str(tmp_path / "plan")
    assert run("preview", "--save", plan) == 0
    assert run("up", "--yes", "--plan", plan) == 0
    session.runner.done.clear()
    session.records.deployment = '{"deployment": {"resources": [{"urn": "urn:pulumi:a::b::c::d"}]}}'
    assert run("up", "--yes", "--plan", plan) == 1
    assert "the state of c d is new" in capsys.readouterr().err
    assert "up" not in session.runner.done


def test_a_preview_that_fails_saves_no_plan(run, losing, tmp_path, capsys):
    assert run("preview", "--save", str(tmp_path / "plan")) == 1
    assert not (tmp_path / "plan").exists()
    assert "No plan was saved" in capsys.readouterr().err


def test_a_preview_that_cannot_begin_is_a_preview_of_its_error(run, session, monkeypatch, capsys):
    """So that its comment says it, in place of the verdict on an earlier commit."""

    def without_passphrase():
        raise OpsError("no passphrase", "set it")

    monkeypatch.setattr(session.runner, "ensure_stack", without_passphrase)
    monkeypatch.setenv("PULUMI_STACK", "staging")
    assert run("preview", "--json") == 1
    told = capsys.readouterr()
    assert told.err.splitlines()[-1] == "error: no passphrase; set it"
    document = checked(json.loads(told.out))
    assert (document.stack, review(document).errors) == (
        ("webstack", "staging"),
        ("no passphrase; set it",),
    )


def test_a_preview_that_holds_only_an_error_names_its_stack_too(run, session, capsys):
    """As the CLI writes it where a program fails at once; its comment would have no place else."""
    error = {"message": "error: no luck\n", "severity": "error"}
    session.runner.plan = Plan(1, changes=False, document={"diagnostics": [error]})
    assert run("preview", "--json") == 1
    document = checked(json.loads(capsys.readouterr().out))
    assert (document.stack, review(document).errors) == (("webstack", "dev"), ("no luck",))


def test_a_plan_that_cannot_be_written_is_told_in_one_document(run, session, tmp_path, capsys):
    session.runner.plan = Plan(0, changes=True, document={"steps": [STACK_STEP]})
    (tmp_path / "file").write_text("")
    assert run("preview", "--json", "--save", str(tmp_path / "file" / "plan")) == 1
    (error,) = review(checked(json.loads(capsys.readouterr().out))).errors
    assert error.startswith("cannot write")
