"""A volume that its service cannot write to is given to the service once, before the gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.model.rollout_plan import ServiceRelease
from infra.rollout.checks.volume_owners import VolumeOwners
from infra.rollout.events import Event, NotWritable, Timeline
from tests.infra.rollout.test_rollout import service
from webstack.docker.container_folder import ContainerFolder

USER = 20100
ROOT_S = ContainerFolder(0, 0, 0o755, is_empty=True)
OWN = ContainerFolder(USER, USER, 0o755, is_empty=True)
FULL = ContainerFolder(1000, 1000, 0o755, is_empty=False)


@dataclass
class Machine:
    """A container with volumes, and the owners of their folders."""

    folders: dict[str, ContainerFolder]
    done: list[str] = field(default_factory=list)

    def inspected(self, _name: str) -> dict[str, Any]:
        mounts = [
            {"Type": "volume", "Name": f"v{folder}", "Destination": folder, "RW": True}
            for folder in self.folders
        ]
        config = {"User": f"{USER}:41000", "Image": "shop:1"}
        return {"Config": config, "HostConfig": {}, "Mounts": mounts}

    def folder(self, _name: str, path: str) -> ContainerFolder:
        return self.folders[path]

    def give(self, volume: str, user: int, tools: str) -> None:
        self.done.append(f"give {volume} to {user} by {tools}")

    def stop(self, name: str) -> None:
        self.done.append(f"stop {name}")

    def start(self, name: str) -> None:
        self.done.append(f"start {name}")


OLD = service("00", volumes=("/data",))


def settled(machine: Any, before: ServiceRelease | None = OLD) -> tuple[list[str], list[Event]]:
    events: list[Event] = []
    owners = VolumeOwners(machine, "holder", Timeline(events.append))
    owners.settle("shop", service("aa", replicas=2), before)
    return machine.done, events


def test_an_empty_volume_is_given_and_all_replicas_start_anew():
    assert settled(Machine({"/data": OWN, "/media": ROOT_S}))[0] == [
        "give v/media to 20100 by holder",
        *("stop shop-0-aa", "start shop-0-aa", "stop shop-1-aa", "start shop-1-aa"),
    ]


def test_what_the_service_can_write_to_is_left_alone():
    assert settled(Machine({"/data": OWN}), None) == ([], [])


@pytest.mark.parametrize("before", [None, OLD])
def test_what_the_image_had_in_a_new_volume_is_given_too(before: ServiceRelease | None):
    done, _ = settled(Machine({"/media": FULL}), before)
    assert done[0] == "give v/media to 20100 by holder"


@pytest.mark.parametrize("before", [OLD, service("00", volumes=None)])
def test_what_an_earlier_release_had_may_have_its_places_to_write_to(before: ServiceRelease):
    done, events = settled(Machine({"/data": FULL}), before)
    assert done == []
    [told] = events
    assert isinstance(told, NotWritable)
    assert told.folder == "/data"
