"""Roles go live: a single role never runs twice at a time, and a failure puts all back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.daemon.failures import ContainerError
from infra.daemon.status import ContainerStatus
from infra.model.rollout_plan import RoleRelease
from infra.rollout import roles
from infra.rollout.events import Event, Healthy, Started, Stopped, Timeline, Unhealthy
from infra.rollout.roles import Roles


@dataclass
class Machine:
    """Containers that run or not; some of them end at once or answer badly."""

    up: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)
    unready: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    stuck: set[str] = field(default_factory=set)

    def inspected(self, name: str) -> dict[str, Any]:
        return {"Config": {"Labels": {"webstack.background": name.rpartition("-")[0]}}}

    def running(self, labels: Mapping[str, str]) -> list[str]:
        stem = labels["webstack.background"]
        return sorted(name for name in self.up if name.rpartition("-")[0] == stem)

    def status(self, name: str) -> ContainerStatus:
        if name in self.up:
            return ContainerStatus("running", restarts=0)
        ended = name in self.ends and f"start {name}" in self.done
        return ContainerStatus("exited" if ended else "created", restarts=0)

    def start(self, name: str) -> None:
        self.done.append(f"start {name}")
        if name not in self.ends:
            self.up.add(name)

    def stop(self, name: str, grace: int = 5) -> None:
        if name in self.stuck:
            raise ContainerError(f"{name} cannot be stopped")
        self.done.append(f"stop {name} {grace}")
        self.up.discard(name)

    def limit_processes(self, name: str, limit: int) -> None:
        if name in self.ends:
            raise ContainerError("container is not running")
        self.done.append(f"limit {name} {limit}")

    def run(self, name: str, *command: str) -> str:
        self.unready[name] = self.unready.get(name, 0) - 1
        if self.unready[name] >= 0:
            raise ContainerError(f"{command[0]} failed in {name} (exit code 1)\n    not yet")
        return "fine"

    def exit_code(self, _name: str) -> int:
        return 3

    def last_lines(self, name: str) -> str:
        return f"    the log of {name}"


def role(release: str = "bb", **changes: Any) -> RoleRelease:
    values = {"health": 0, "grace": 7, "start_timeout": 1, **changes}
    return RoleRelease(
        service="shop",
        role="beat",
        release=release,
        containers={f"shop-beat-{release}": 32},
        **values,
    )


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "POLL", 0.001)


def brought(machine: Any, *wanted: RoleRelease, events: list[Event] | None = None) -> list[str]:
    told: list[Event] = [] if events is None else events
    with Roles(machine, {each.role: each for each in wanted}, Timeline(told.append)).running():
        machine.done.append("switch")
    return list(machine.done)


def test_what_is_not_single_starts_beside_the_old_one():
    machine = Machine(up={"shop-beat-aa"})
    assert brought(machine, role()) == ["start shop-beat-bb", "limit shop-beat-bb 32", "switch"]
    assert machine.up == {"shop-beat-aa", "shop-beat-bb"}


def test_a_single_one_starts_when_all_others_have_stopped():
    """A container that a killed run has left has to stop, too, although no plan has it."""
    machine = Machine(up={"shop-beat-aa", "shop-beat-00", "shop-worker-aa"})
    steps = brought(machine, role(single=True))
    assert sorted(steps[:2]) == ["stop shop-beat-00 7", "stop shop-beat-aa 7"]
    assert steps[2:] == ["start shop-beat-bb", "limit shop-beat-bb 32", "switch"]
    assert machine.up == {"shop-beat-bb", "shop-worker-aa"}


def test_one_that_hands_over_ends_once_the_new_one_runs_and_before_users_come():
    """An old worker would throw away tasks that only the new release knows."""
    machine = Machine(up={"shop-beat-aa"})
    assert brought(machine, role(hands_over=True)) == [
        "start shop-beat-bb",
        "limit shop-beat-bb 32",
        "stop shop-beat-aa 7",
        "switch",
    ]


def test_what_has_handed_over_runs_again_after_a_failure():
    machine = Machine(up={"shop-beat-aa"})
    broken = Roles(machine, {"shop-beat": role(hands_over=True)})  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt), broken.running():
        raise KeyboardInterrupt
    assert machine.up == {"shop-beat-aa"}
    ended = Machine(up={"shop-beat-aa"}, ends={"shop-beat-bb"})
    with pytest.raises(ContainerError):
        brought(ended, role(hands_over=True, health=60))
    assert "stop shop-beat-aa 7" not in ended.done


def test_one_that_runs_goes_on_unasked():
    machine = Machine(up={"shop-beat-bb"}, unready={"shop-beat-bb": 9})
    steps = brought(machine, role(single=True, health=("ready",)))
    assert steps == ["limit shop-beat-bb 32", "switch"]


def test_one_that_ends_fails_the_release_in_one_line_and_its_last_lines():
    machine = Machine(up={"shop-beat-aa"}, ends={"shop-beat-bb"})
    with pytest.raises(ContainerError) as caught:
        brought(machine, role(single=True, health=60))
    assert str(caught.value) == (
        "shop-beat-bb exited with code 3, and has to run on "
        "(webstack:services.shop.roles.beat.command); its last lines:\n"
        "    the log of shop-beat-bb"
    )
    assert machine.up == {"shop-beat-aa"}
    assert "switch" not in machine.done


def test_one_that_is_not_ready_in_time_is_told_with_what_its_command_said():
    machine = Machine(unready={"shop-beat-bb": 10**9})
    with pytest.raises(ContainerError) as caught:
        brought(machine, role(health=("ready",), start_timeout=0))
    first = str(caught.value).splitlines()[0]
    assert first == (
        "shop-beat-bb is not healthy after 0 s: ready failed in shop-beat-bb (exit code 1) not yet "
        "(webstack:services.shop.roles.beat.health); its last lines:"
    )
    assert machine.up == set()


def test_one_that_becomes_ready_is_waited_for():
    machine = Machine(unready={"shop-beat-bb": 3})
    assert brought(machine, role(health=("ready",), start_timeout=60))[-1] == "switch"


def test_a_failure_after_it_puts_all_back():
    machine = Machine(up={"shop-beat-aa"})
    broken = Roles(machine, {"shop-beat": role(single=True)})  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt), broken.running():
        raise KeyboardInterrupt
    assert machine.done[-2:] == ["stop shop-beat-bb 7", "start shop-beat-aa"]
    assert machine.up == {"shop-beat-aa"}


def test_a_new_one_does_not_start_while_the_old_one_cannot_be_stopped():
    machine = Machine(up={"shop-beat-aa"}, stuck={"shop-beat-aa"})
    with pytest.raises(ContainerError, match="shop-beat-aa cannot be stopped"):
        brought(machine, role(single=True))
    assert "start shop-beat-bb" not in machine.done


def test_an_observer_is_told_each_step():
    events: list[Event] = []
    brought(Machine(up={"shop-beat-aa"}), role(single=True), events=events)
    assert [(type(each), each.container) for each in events] == [  # type: ignore[attr-defined]
        (Stopped, "shop-beat-aa"),
        (Started, "shop-beat-bb"),
        (Healthy, "shop-beat-bb"),
    ]
    events.clear()
    with pytest.raises(ContainerError):
        brought(Machine(ends={"shop-beat-bb"}), role(), events=events)
    assert isinstance(events[1], Unhealthy)


def test_what_is_found_are_those_that_run():
    machine = Machine(up={"shop-beat-bb"})
    both = Roles(machine, {"a": role("aa"), "b": role("bb")})  # type: ignore[arg-type]
    found = both.found()
    assert (found["a"].containers, found["b"].containers) == ({}, {"shop-beat-bb": 32})
    assert both.names() == ["shop-beat-aa", "shop-beat-bb"]
