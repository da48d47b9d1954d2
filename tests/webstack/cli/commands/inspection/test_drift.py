"""The machine is asked for drift, and the exit code tells the result."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

import pytest

from tests.webstack.cli.drift_documents import WEB, refresh, step, update
from webstack.cli.backends import session_setup
from webstack.cli.backends.runner import PreviewResult
from webstack.cli.commands.inspection import drift as command
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal.errors import OpsError


class Tags:
    """A daemon on which every tag names an image of its own."""

    def image_id(self, reference: str) -> str:
        return reference if reference.startswith("sha256:") else f"sha256:{reference}"


@pytest.fixture
def looked(session, monkeypatch: pytest.MonkeyPatch):
    """Run the command on a session with this machine."""

    def run(
        found: Any,
        planned: Any,
        engine: bool = True,
        code: int = 0,
        resources: Any = None,
        **flags: bool,
    ) -> int:
        session.records.deployment = json.dumps({"deployment": {"resources": resources or []}})
        session.runner.found = PreviewResult(0, changes=True, document=found)
        session.runner.plan = PreviewResult(code, changes=True, document=planned)
        monkeypatch.setattr(session_setup, "open_session", lambda *_, **__: session)
        monkeypatch.setattr(stack_daemon, "use_daemon", lambda _: engine)
        monkeypatch.setattr(stack_daemon, "on_docker", lambda _: Tags())
        given = {"json": False, "markdown": False, **flags}
        return command.run(Namespace(stack="dev", engine=None, cwd=None, **given))

    return run


def test_the_exit_code_says_whether_there_is_any(looked, capsys):
    assert looked(refresh(), update()) == 0
    assert capsys.readouterr().out == "dev is as its state says.\n"
    assert looked(refresh(step("delete", WEB, {})), update(), json=True) == 2
    [drift] = json.loads(capsys.readouterr().out)
    assert drift == {
        "urn": WEB,
        "change": "gone",
        "taken": False,
        "properties": [],
        "remedy": "none",
    }


def test_without_an_engine_nothing_is_said_of_drift(looked):
    with pytest.raises(OpsError, match="no Docker daemon answers"):
        looked(refresh(), update(), engine=False)


def test_a_program_that_fails_says_why_in_one_line(looked):
    message = {"severity": "error", "message": "error: webstack:prot: unknown setting\n"}
    with pytest.raises(OpsError, match=r"^webstack:prot: unknown setting$"):
        looked(refresh(), {"diagnostics": [message]}, code=1)


@pytest.mark.parametrize(("ran", "code"), [("sha256:shop:1", 0), ("sha256:old", 2)])
def test_tags_of_the_release_in_force_are_looked_at(looked, capsys, ran: str, code: int):
    summary = {
        "number": 1, "time": "", "commit": "", "first": 1,
        "images": {"shop": "shop:1"}, "image_ids": {"shop": ran},
    }  # fmt: skip
    release = {
        "type": "pulumi-python:dynamic/webstack:Release",
        "outputs": {"history": [summary]},
    }
    assert looked(refresh(), update(), resources=[release]) == code
    assert ("`docker tag sha256:old shop:1` gives it back" in capsys.readouterr().out) is bool(code)
