"""`up` and `preview` say at once that nothing is to do, or leave it to the command."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.webstack.cli.settled.test_kept import ASKED
from webstack.cli.settled import kept, look, shortcut, tokens
from webstack.cli.settled.kept import Settled

ENVIRON = {"PATH": "/bin"}
WORDS = {
    "by": "the embedded engine (a test)",
    "unchanged": 36,
    "closing": "No changes.",
    "services": {"shop": {"url": "http://localhost:8080/", "containers": ["a", "b"]}},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project whose last runs, of two stacks, found nothing to do."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / "infra").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("")
    for stack in ("dev", "staging"):
        settled = Settled(
            environment=tokens.environment(ENVIRON),
            paths={"read": [str(tmp_path / "Pulumi.yaml")]},
            looks=kept.digest([tokens.token(str(tmp_path / "Pulumi.yaml"), "read")]),
            asked=ASKED,
            found="digest",
            words=WORDS,
            clock=tokens.clock(),
            time=time.time(),
        )
        kept.save(tmp_path, stack, settled)
    monkeypatch.chdir(tmp_path / "infra")
    monkeypatch.setattr(look, "seen", lambda asked: "digest" if asked == ASKED else None)
    return tmp_path


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "stack"),
    [
        (["up"], "dev"),
        (["up", "--yes"], "dev"),
        (["up", "-y", "staging"], "staging"),
        (["up", "--stack", "staging"], "staging"),
        (["up", "-s", "staging", "-y"], "staging"),
    ],
)
def test_up_tells_what_serves(capsys: pytest.CaptureFixture[str], words: list[str], stack: str):
    assert shortcut.answered(words, ENVIRON)
    out, err = capsys.readouterr()
    assert err == f"{stack}: run by the embedded engine (a test)\n"
    assert out.startswith("Nothing to change: 36 resources are as declared.\n\nSERVICE  URL")
    assert "shop     http://localhost:8080/  2\n" in out
    assert f"{stack} is up after 0." in out


@pytest.mark.usefixtures("project")
def test_a_preview_tells_what_the_command_would(capsys: pytest.CaptureFixture[str]):
    assert shortcut.answered(["preview"], ENVIRON)
    assert capsys.readouterr().out == (
        "Previewing update (dev):\nResources:\n    36 unchanged\n\nNo changes.\n"
    )


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "words",
    [
        ["up", "--refresh"],
        ["up", "-r"],
        ["up", "--yes", "--diff"],
        ["up", "--expect-no-changes"],
        ["up", "--target", "urn"],
        ["up", "--parallel", "3"],
        ["up", "--plan", "file"],
        ["up", "--engine", "embedded"],
        ["up", "--help"],
        ["up", "dev", "staging"],
        ["up", ""],
        ["up", "--stack"],
        ["up", "--stack=dev"],
        ["up", "../dev"],
        ["up", "unknown"],
        ["preview", "--json"],
        ["preview", "--yes"],
        ["preview", "--save", "file"],
    ],
)
def test_other_words_are_for_the_command(capsys: pytest.CaptureFixture[str], words: list[str]):
    assert not shortcut.answered(words, ENVIRON)
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("project")
def test_a_variable_names_the_stack(capsys: pytest.CaptureFixture[str]):
    assert not shortcut.answered(["up"], {**ENVIRON, "PULUMI_STACK": "staging"})
    assert not shortcut.answered(["up"], {**ENVIRON, "PULUMI_STACK": ""})
    assert capsys.readouterr() == ("", "")


def test_where_somebody_would_be_asked_the_command_asks(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    assert not shortcut.answered(["up"], ENVIRON)
    assert shortcut.answered(["up", "--yes"], ENVIRON)
    assert shortcut.answered(["preview"], ENVIRON)


def test_what_has_changed_is_for_the_command(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(look, "seen", lambda _asked: "another")
    assert not shortcut.answered(["up"], ENVIRON)
    monkeypatch.setattr(look, "seen", lambda _asked: None)
    assert not shortcut.answered(["up"], ENVIRON)
    monkeypatch.setattr(look, "seen", lambda _asked: "digest")
    assert not shortcut.answered(["up"], {**ENVIRON, "DEBUG": "1"})
    (project / "Pulumi.yaml").write_text("name: shop\n")
    assert not shortcut.answered(["up"], ENVIRON)
    assert capsys.readouterr() == ("", "")


def test_outside_of_a_project_nothing_is_known(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert not shortcut.answered(["up"], ENVIRON)
