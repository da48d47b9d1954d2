"""The scheduler starts what is due, misses what overlaps, and tells how it went."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from infra.model import scheduler
from infra.model.roles import all_roles
from infra.model.scheduler import Job
from infra.settings.roles import CronJob, Role
from infra.settings.sections import Service

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


def job(monkeypatch: pytest.MonkeyPatch, *command: str, **more: Any) -> Job:
    monkeypatch.setattr(scheduler, "_now", lambda: START)
    return Job("nightly", {"schedule": "* * * * *", "command": list(command), **more})


def ended(made: Job, moment: datetime) -> None:
    until = time.monotonic() + 20
    while made.running and time.monotonic() < until:
        made.tick(moment)
        time.sleep(0.01)


def test_a_job_runs_when_it_is_due_and_is_planned_anew(monkeypatch: pytest.MonkeyPatch):
    made = job(monkeypatch, "true")
    assert made.due == START + MINUTE
    assert not made.tick(START)
    assert made.tick(START + MINUTE)
    ended(made, START + MINUTE)
    told = made.told
    assert (told["runs"], told["failures"], told["missed"]) == (1, 0, 0)
    assert (told["last_code"], made.due) == (0, START + 2 * MINUTE)


@pytest.mark.parametrize(("command", "code"), [("false", 1), ("no-such-program-here", 127)])
def test_a_failure_is_counted(monkeypatch: pytest.MonkeyPatch, command: str, code: int):
    made = job(monkeypatch, command)
    made.tick(START + MINUTE)
    ended(made, START + MINUTE)
    assert (made.told["failures"], made.told["last_code"]) == (1, code)


def test_a_run_that_has_not_ended_lets_the_next_be_missed(monkeypatch: pytest.MonkeyPatch):
    made = job(monkeypatch, "sleep", "30")
    made.tick(START + MINUTE)
    made.tick(START + 2 * MINUTE)
    assert (made.told["runs"], made.told["missed"], len(made.running)) == (1, 1, 1)
    made.running[0][0].kill()
    ended(made, START + 2 * MINUTE)


def test_an_overlap_may_be_allowed(monkeypatch: pytest.MonkeyPatch):
    made = job(monkeypatch, "sleep", "30", overlap="allow")
    made.tick(START + MINUTE)
    made.tick(START + 2 * MINUTE)
    assert (made.told["runs"], made.told["missed"]) == (2, 0)
    for process, _ in made.running:
        process.kill()
    ended(made, START + 2 * MINUTE)


def test_what_comes_far_too_late_is_missed(monkeypatch: pytest.MonkeyPatch):
    made = job(monkeypatch, "true")
    made.tick(START + 10 * MINUTE)
    assert (made.told["runs"], made.told["missed"]) == (0, 1)
    assert made.due == START + 11 * MINUTE


def test_the_text_that_a_container_runs_tells_what_it_knows(tmp_path: Path):
    """The text runs as in the container: without this project on Python's path."""
    nightly = CronJob(schedule="@yearly", command=("true",))
    role = all_roles(Service(source="x", path="/", cron={"nightly": nightly}))["cron"]
    assert (role.single, role.command[0]) == (True, "python3")
    status = tmp_path / "status.json"
    with subprocess.Popen([sys.executable, "-I", *role.command[1:4], str(status)]) as process:
        until = time.monotonic() + 30
        while not status.exists() and time.monotonic() < until:
            time.sleep(0.05)
        process.terminate()
        assert process.wait(timeout=20) == 0
    told = json.loads(status.read_text())["nightly"]
    assert (told["schedule"], told["runs"]) == ("@yearly", 0)
    assert told["next"].endswith("-01-01T00:00:00+00:00")


def test_a_service_without_jobs_has_its_own_roles_alone():
    roles = {"worker": Role(command=("work",))}
    assert all_roles(Service(source="x", path="/", roles=roles)) == roles
