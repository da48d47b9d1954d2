from __future__ import annotations

import pytest

from webstack.engine.providers.docker.swarm.convergence import (
    Task,
    all_ended,
    explain,
    judge_creation,
    judge_update,
    last_failed,
    read_task,
)


def task(slot=1, wanted="running", state="running", **more):
    return Task(id="t", slot=slot, node="n", wanted=wanted, state=state, **more)


def service(replicas=2, **status):
    return {"Spec": {"Mode": {"Replicated": {"Replicas": replicas}}}, "UpdateStatus": status}


def test_reads_what_docker_tells_of_a_task():
    told = {
        "ID": "t0",
        "Slot": 3,
        "NodeID": "abc",
        "DesiredState": "shutdown",
        "Status": {
            "State": "failed",
            "Err": "task: non-zero exit (1)",
            "Timestamp": "2026-11-28T19:41:02Z",
            "ContainerStatus": {"ContainerID": "c0", "ExitCode": 1},
        },
    }

    assert read_task(told) == Task(
        id="t0", slot=3, node="abc", wanted="shutdown", state="failed", container="c0",
        error="task: non-zero exit (1)", since="2026-11-28T19:41:02Z",
    )  # fmt: skip


def test_a_task_that_is_only_planned_has_neither_node_nor_container():
    assert read_task({"DesiredState": "running"}) == Task("", 0, "", "running", "")


def test_is_done_when_each_replica_runs():
    assert judge_creation(service(), [task(1), task(2)]).outcome == "done"
    assert judge_creation(service(0), []).outcome == "done"


@pytest.mark.parametrize(
    "tasks",
    [
        [],
        [task(1)],
        [task(1), task(1)],
        [task(1), task(2, state="starting")],
        [task(1), task(2, wanted="shutdown")],
        [task(1, "shutdown", "failed"), task(1, "ready", "ready"), task(2)],
        [task(1, "shutdown", "failed")],
    ],
)
def test_waits_while_a_replica_may_still_come(tasks):
    """One slot's second task is no second replica; one that Docker tries again may come."""
    assert judge_creation(service(), tasks).outcome == "waiting"


def test_fails_at_once_when_no_task_is_to_run_any_more():
    """Nobody waits for the timeout of a service whose restart policy is used up."""
    tasks = [task(1, "shutdown", "failed"), task(2, "shutdown", "complete")]

    assert judge_creation(service(), tasks).outcome == "failed"


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("updating", "waiting"),
        ("rollback_started", "waiting"),
        ("completed", "done"),
        ("", "done"),
        ("paused", "failed"),
        ("rollback_paused", "failed"),
        ("rollback_completed", "failed"),
    ],
)
def test_an_update_is_through_when_docker_says_so(state, outcome):
    verdict = judge_update(service(1, State=state, Message="early termination"), [task()])

    assert verdict.outcome == outcome
    assert ("early termination" in verdict.reason) == (outcome == "failed")


def test_an_update_that_is_completed_still_needs_its_replicas():
    assert judge_update(service(2, State="completed"), [task()]).outcome == "waiting"


def test_says_each_error_once_and_the_last_ones_first():
    wrong = [
        task(error=text, since=since)
        for since, text in (("1", "a"), ("2", "b"), ("3", "a"), ("4", "c"), ("0", "z"))
    ]

    assert explain([task(), *wrong]) == ["c", "a", "b"]


def test_the_last_failed_task_is_one_that_had_a_container():
    tasks = [
        task(state="failed", container="old", since="1"),
        task(state="failed", container="new", since="2"),
        task(state="rejected", since="3"),
        task(container="fine", since="4"),
    ]

    assert last_failed(tasks).container == "new"
    assert last_failed([task(), task(state="rejected")]) is None


def test_all_have_ended_when_none_runs_or_is_about_to():
    assert all_ended([])
    assert all_ended([task(state="shutdown"), task(state="failed"), task(state="orphaned")])
    assert not all_ended([task(state="shutdown"), task(wanted="remove")])
    assert not all_ended([task(state="preparing", wanted="shutdown")])
