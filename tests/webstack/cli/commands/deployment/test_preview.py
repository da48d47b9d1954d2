import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.webstack.cli.conftest import STACK_STEP
from webstack.cli.backends.runner import PreviewResult
from webstack.cli.deployments import stack_daemon
from webstack.cli.review.document import checked
from webstack.cli.review.reading import review
from webstack.cli.terminal.errors import OpsError


def test_preview_gives_the_runners_code(run, session):
    session.runner.plan = PreviewResult(7, changes=True)
    assert run("preview", "--expect-no-changes") == 7


def test_preview_tells_of_the_loss_and_fails(run, losing, capsys):
    assert run("preview") == 1
    assert "a-data  would lose data: refused without --allow-data-loss" in capsys.readouterr().out
    assert run("preview", "--allow-data-loss") == 0


@pytest.mark.parametrize(
    ("flag", "beginning"), [("--json", '{\n    "steps"'), ("--markdown", "**Loses the data of 1")]
)
def test_preview_gives_its_forms_alone(run, losing, capsys, flag, beginning):
    run("preview", flag)
    assert capsys.readouterr().out.startswith(beginning)
    assert losing.runner.options[-1].quiet


def test_a_preview_that_fails_saves_no_plan(run, losing, tmp_path, capsys):
    assert run("preview", "--save", str(tmp_path / "plan")) == 1
    assert not (tmp_path / "plan").exists()
    assert "No plan was saved" in capsys.readouterr().err


def test_a_preview_that_cannot_begin_is_a_preview_of_its_error(run, session, monkeypatch, capsys):
    """The comment then tells the error, in place of the verdict on an earlier commit."""

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
    """The CLI writes such a preview where a program fails at once; its comment needs the stack."""
    error = {"message": "error: no luck\n", "severity": "error"}
    session.runner.plan = PreviewResult(1, changes=False, document={"diagnostics": [error]})
    assert run("preview", "--json") == 1
    document = checked(json.loads(capsys.readouterr().out))
    assert (document.stack, review(document).errors) == (("webstack", "dev"), ("no luck",))


def test_a_plan_that_cannot_be_written_is_told_in_one_document(run, session, tmp_path, capsys):
    session.runner.plan = PreviewResult(0, changes=True, document={"steps": [STACK_STEP]})
    (tmp_path / "file").write_text("")
    assert run("preview", "--json", "--save", str(tmp_path / "file" / "plan")) == 1
    (error,) = review(checked(json.loads(capsys.readouterr().out))).errors
    assert error.startswith("cannot write")


@pytest.fixture
def opens():
    """Give the names of the files that are opened while the context lasts."""
    names, watched = [], [True]

    def hook(event, details):
        # A path that is opened by an opener of ours tells a second event, which has no mode.
        if event == "open" and watched[0] and details[1] is not None:
            names.append(Path(str(details[0])).name)

    sys.addaudithook(hook)  # which cannot be removed again
    yield names
    watched[0] = False


def test_project_settings_and_state_are_read_once(webstack, monkeypatch, opens):
    """A file that is read twice may have changed in between, and takes twice the time."""
    monkeypatch.setattr(stack_daemon, "use_daemon", lambda _: False)
    assert webstack("stack", "init", "dev")[0] == 0
    opens.clear()
    code, said = webstack("preview", "dev")
    assert code == 0, said
    found = Counter(opens)
    names = ("Pulumi.yaml", "Pulumi.dev.yaml", "dev.json")
    assert {name: found[name] for name in names} == dict.fromkeys(names, 1)
