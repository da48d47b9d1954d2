"""Decides, from what Docker says of a service and its tasks, whether all of it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

_STATES: Final = (
    "new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting",
    "running", "complete", "shutdown", "failed", "rejected", "remove", "orphaned",
)  # fmt: skip
_RUNNING: Final = _STATES.index("running")
_SAID: Final = 3

Outcome = Literal["done", "waiting", "failed"]


class Task(msgspec.Struct, frozen=True):
    """Holds one task: its place among the replicas, its node, what it is and is to be."""

    id: str
    slot: int
    node: str
    wanted: str
    state: str
    error: str = ""
    container: str = ""
    since: str = ""

    @property
    def may_run(self) -> bool:
        """Tell whether it is to run, now or later."""
        return _rank(self.wanted) <= _RUNNING


class Verdict(msgspec.Struct, frozen=True):
    """Tells how far a service is, in words where it has failed."""

    outcome: Outcome
    reason: str = ""


def read_task(told: Mapping[str, Any]) -> Task:
    """Read one task of Docker's list."""
    status = told.get("Status") or {}
    return Task(
        id=told.get("ID", ""),
        slot=told.get("Slot", 0),
        node=told.get("NodeID", ""),
        wanted=told.get("DesiredState", ""),
        state=status.get("State", ""),
        error=status.get("Err", ""),
        container=(status.get("ContainerStatus") or {}).get("ContainerID", ""),
        since=status.get("Timestamp", ""),
    )


def judge_creation(service: Mapping[str, Any], tasks: Collection[Task]) -> Verdict:
    """Tell whether all replicas run, or none of them ever will."""
    replicas = _replicas(service)
    if _running(tasks) >= replicas:
        return Verdict("done")
    if len(tasks) >= replicas and not any(task.may_run for task in tasks):
        return Verdict("failed", "its tasks ended, and its restart policy starts no other")
    return Verdict("waiting")


def judge_update(service: Mapping[str, Any], tasks: Collection[Task]) -> Verdict:
    """Tell whether an update is through. Without a status Docker had no task to change."""
    status = service.get("UpdateStatus") or {}
    state, said = status.get("State", ""), status.get("Message", "")
    if state in ("paused", "rollback_paused", "rollback_completed"):
        return Verdict("failed", f"{_ENDS[state]}: {said}")
    if state in ("updating", "rollback_started"):
        return Verdict("waiting")
    return judge_creation(service, tasks)


_ENDS: Final = {
    "paused": "the update stopped half way, with some of its tasks new",
    "rollback_paused": "neither the update nor the way back went through",
    "rollback_completed": "the update failed, and the old tasks run again",
}


def explain(tasks: Iterable[Task]) -> list[str]:
    """Return what Docker says of the last tasks that did not run, each thing once."""
    wrong = sorted(
        (task for task in tasks if task.error), key=lambda task: task.since, reverse=True
    )
    return list(dict.fromkeys(task.error for task in wrong))[:_SAID]


def last_failed(tasks: Iterable[Task]) -> Task | None:
    """Return the task that failed last, if it got as far as a container."""
    failed = [task for task in tasks if task.container and task.state in ("failed", "rejected")]
    return max(failed, key=lambda task: task.since, default=None)


def all_ended(tasks: Iterable[Task]) -> bool:
    """Tell whether no task of a service that was removed is still on its way out."""
    return all(_rank(task.state) > _RUNNING for task in tasks)


def _replicas(service: Mapping[str, Any]) -> int:
    replicated = service["Spec"]["Mode"].get("Replicated") or {}
    return int(replicated.get("Replicas", 1))


def _running(tasks: Iterable[Task]) -> int:
    return len({task.slot for task in tasks if task.wanted == task.state == "running"})


def _rank(state: str) -> int:
    return _STATES.index(state) if state in _STATES else len(_STATES)
