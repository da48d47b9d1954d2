"""A server owns its data before it starts, and loses nothing at a restart."""

from __future__ import annotations

from typing import Any

import pytest

from infra.daemon.failures import ContainerError
from infra.rollout.checks.server_volumes import settle
from webstack.docker.container_folder import ContainerFolder


class Daemon:
    """Has one server with a volume for its data and one for its secrets."""

    def __init__(self, owner: int, *, is_empty: bool, declared: tuple[str, ...] = ()) -> None:
        self.given: list[tuple[str, str, int]] = []
        self._folder = ContainerFolder(owner=owner, group=owner, mode=0o755, is_empty=is_empty)
        self._declared = declared

    def inspected(self, _name: str) -> dict[str, Any]:
        folders = {"data": "/keep", "secrets": "/run/secrets"}
        return {
            "Config": {
                "User": "20001:20001",
                "Image": "search:1",
                "Volumes": {folder: {} for folder in self._declared},
                "Labels": {"webstack.role": "search"},
            },
            "HostConfig": {"Binds": [f"{name}:{path}" for name, path in folders.items()]},
            "Mounts": [
                {"Type": "volume", "RW": True, "Name": name, "Destination": path}
                for name, path in folders.items()
            ],
        }

    def folder(self, _name: str, _path: str) -> ContainerFolder:
        return self._folder

    def give_by(self, image: str, volume: str, user: int) -> None:
        self.given.append((image, volume, user))


def settled(daemon: Any) -> list[tuple[str, str, int]]:
    settle(daemon, "db", "python:1")
    return list(daemon.given)


def test_an_empty_volume_is_given_to_the_server_but_its_secrets_stay_root_s():
    assert settled(Daemon(0, is_empty=True)) == [("python:1", "data", 20001)]


def test_a_volume_of_its_own_is_left_alone():
    assert settled(Daemon(20001, is_empty=False)) == []


def test_files_of_another_user_are_told_with_the_way_out():
    with pytest.raises(ContainerError, match="cannot write to /keep") as told:
        settled(Daemon(999, is_empty=False))
    assert "docker run --rm -u 0 -v data:/keep" in str(told.value)


def test_a_folder_that_only_the_image_declares_is_refused():
    with pytest.raises(ContainerError) as told:
        settled(Daemon(20001, is_empty=True, declared=("/keep", "/var/lib/more")))
    assert "webstack:stateful.search: its image search:1 declares the volume /var/lib/more" in str(
        told.value
    )
