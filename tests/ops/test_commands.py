import io
import sys

import pytest

from ops import cli, commands, looking, records
from ops.docker_endpoints import Endpoint
from ops.runner import Options, Plan
from ops.summary import Leftovers


@pytest.fixture
def run(session, monkeypatch):
    """Run a command line against the fakes; an answer means that there is a terminal."""

    def run(*words, answer=None):
        for module in (commands, looking, records):
            monkeypatch.setattr(module, "open_session", lambda *_: session)
        monkeypatch.setattr(commands, "ensure_engine", lambda *_: Endpoint("unix:///x", "test"))
        monkeypatch.setattr(looking, "use_engine", lambda: True)
        monkeypatch.setattr(looking, "leftovers", lambda _: Leftovers(["webstack-dev-flask-data"]))
        monkeypatch.setattr(commands, "_is_terminal", lambda: answer is not None)
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{answer or ''}\n"))
        return cli.main(words)

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
