"""A running server is given its settings again when they change, or when it has restarted."""

from __future__ import annotations

from typing import Any

import pytest

from infra import provision
from infra.daemon.failures import ContainerError
from infra.daemon.status import ContainerStatus
from infra.provision import ProvisionProvider

WANTED = {"container": "db", "content": "1", "pids": 64.0, "commands": [["provide", "shop:20001"]]}


class Daemon:
    """Notes the commands for its one container."""

    def __init__(self, status: str = "running", failing: str = "", unready: int = 0) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._status, self._failing, self._unready = status, failing, unready

    def status(self, name: str) -> ContainerStatus:
        if self._status == "gone":
            raise ContainerError(f"{name} is gone")
        return ContainerStatus(self._status, 0)

    def start(self, name: str) -> None:
        self.asked.append(("start", name))

    def write_file(self, name: str, folder: str, file: str, text: str) -> None:
        self.asked.append(("write", name, folder, file, text))

    def limit_processes(self, name: str, limit: int) -> None:
        self.asked.append(("limit", name, limit))

    def run(self, name: str, *command: str) -> str:
        self.asked.append(("run", name, *command))
        if self._failing or self._unready:
            self._unready -= 1
            raise ContainerError(self._failing or "not yet")
        return ""

    def last_lines(self, _name: str) -> str:
        return "    FATAL: no space"


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(made: Daemon) -> Daemon:
        monkeypatch.setattr(provision.Containers, "of_environment", lambda: made)
        return made

    return use


def test_it_starts_limits_and_tells_in_order(daemon: Any):
    used = daemon(Daemon())
    assert ProvisionProvider().create({**WANTED}).id == "db"
    assert used.asked == [
        ("start", "db"),
        ("limit", "db", 64),
        ("run", "db", "provide", "shop:20001"),
    ]


@pytest.mark.parametrize(
    ("olds", "status", "changes"),
    [
        (WANTED, "running", False),
        (WANTED, "exited", True),
        (WANTED, "gone", True),
        ({**WANTED, "content": "2"}, "running", True),
        ({**WANTED, "commands": [["provide"]]}, "running", True),
    ],
)
def test_it_tells_again_where_something_changed_or_nothing_runs(
    daemon: Any, olds: dict[str, Any], status: str, changes: bool
):
    daemon(Daemon(status))
    assert ProvisionProvider().diff("db", olds, WANTED).changes is changes


def test_a_failure_is_told_with_the_last_lines_of_the_server(daemon: Any):
    daemon(Daemon(failing="provide failed in db (exit code 1)"))
    with pytest.raises(ContainerError) as told:
        ProvisionProvider().update("db", {}, {**WANTED})
    assert "provide failed in db" in str(told.value)
    assert "FATAL: no space" in str(told.value)


READY = {"command": ["ask"], "seconds": 60.0, "tools": "python:1"}


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Give the servers whose volumes were settled, each with the image that did it."""
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(provision, "_POLL", 0)
    monkeypatch.setattr(
        provision.server_volumes, "settle", lambda _, name, tools: seen.append((name, tools))
    )
    return seen


def test_secrets_and_volumes_are_there_before_a_server_starts_and_it_is_waited_for(
    daemon: Any, settled: list[tuple[str, str]]
):
    used = daemon(Daemon(unready=2))
    wanted = {**WANTED, "commands": [], "ready": READY, "files": {"/run/secrets/KEY": "k"}}
    ProvisionProvider().create(wanted)
    assert settled == [("db", "python:1")]
    assert used.asked == [
        ("write", "db", "/run/secrets", "KEY", "k"),
        ("start", "db"),
        ("limit", "db", 64),
        *[("run", "db", "ask")] * 3,
    ]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("running", "db did not become healthy in 0 s: no answer"),
        ("restarting", "db does not stay up (it is restarting): no answer"),
    ],
)
@pytest.mark.usefixtures("settled")
def test_a_server_that_is_never_ready_is_told_with_its_last_lines(
    daemon: Any, status: str, told: str
):
    daemon(Daemon(status, failing="no answer"))
    wanted = {**WANTED, "commands": [], "ready": {**READY, "seconds": 0}}
    with pytest.raises(ContainerError) as refused:
        ProvisionProvider().create(wanted)
    assert str(refused.value) == f"{told}\n    FATAL: no space"


def test_another_way_to_be_ready_is_a_change(daemon: Any):
    daemon(Daemon())
    news = {**WANTED, "ready": {**READY, "command": ["other"]}}
    assert ProvisionProvider().diff("db", {**WANTED, "ready": READY}, news).changes
