"""The debugger is there in development alone, and the containers themselves say so."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from webstack.cli.deployments import released as module
from webstack.cli.deployments.released import Part

RELEASE = {
    "services": {"shop": {"replicas": [{"container": "shop-0"}]}},
    "roles": {},
}


class Api:
    """A daemon whose one container has these variables."""

    def __init__(self, *variables: str) -> None:
        self.variables = list(variables)

    def inspect_container(self, name: str) -> dict[str, Any]:
        assert name == "shop-0"
        return {"Config": {"Env": self.variables}}


@pytest.fixture
def released(session, monkeypatch: pytest.MonkeyPatch):
    """Give what was run inside which container, of a stack with one service."""
    monkeypatch.setattr(module, "of_session", lambda _: RELEASE)
    ran: list[tuple[str, tuple[str, ...]]] = []

    def run(_: object, found: Part, number: int, command: Sequence[str]) -> int:
        ran.append((found.containers[number], tuple(command)))
        return 0

    monkeypatch.setattr(module, "run_inside", run)
    return ran


def test_the_program_for_it_runs_in_the_container(run, released):
    run.docker = SimpleNamespace(api=Api("PYTHONBREAKPOINT=webstack_service.debugger.wait"))
    assert run("debug", "shop") == 0
    assert released == [("shop-0", ("python3", "-m", "webstack_service.debugger"))]


@pytest.mark.parametrize("variables", [(), ("PYTHONBREAKPOINT=",), ("DEBUG=1",)])
def test_a_container_without_it_is_left_alone(run, released, capsys, variables):
    run.docker = SimpleNamespace(api=Api(*variables))
    assert run("debug", "shop") == 1
    said = capsys.readouterr().err
    assert "shop of dev runs without a debugger; there is one where webstack:environment" in said
    assert released == []


def test_a_container_that_is_not_there_is_told(run, released, capsys):
    run.docker = SimpleNamespace(api=Api())
    assert run("debug", "shop", "--replica", "3") == 1
    assert "shop has no container 3" in capsys.readouterr().err
