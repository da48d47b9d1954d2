"""A volume is unwritten only where a real daemon shows that nothing is in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from tests import bases
from webstack.cli.daemon.unwritten import unwritten
from webstack.docker.errors import RefusedError


class Silent:
    """A daemon that has volumes and does not say what is in them."""

    def inspect_volume(self, name: str) -> None:
        if name == "none":
            raise RefusedError("no such volume")

    def containers(self, **_: Any) -> None:
        raise RefusedError("no answer")


def test_what_the_daemon_does_not_tell_counts_as_written():
    assert unwritten(Silent(), ["some", "none"]) == set()


@pytest.fixture
def volumes() -> Iterator[list[str]]:
    """Make two volumes without a container and two of an ended one; each second has a file."""
    client = docker.from_env()
    image = bases.made().python
    names = [f"wstest-{uuid.uuid4().hex[:8]}" for _ in range(4)]
    containers = []
    for name in names:
        client.volumes.create(name)
    for written, name in ((False, names[2]), (True, names[3]), (True, names[1])):
        containers.append(
            client.containers.run(
                image,
                ["touch", "/etc/kept/.hidden"] if written else ["true"],
                volumes={name: {"bind": "/etc/kept"}},
                detach=True,
            )
        )
        containers[-1].wait()
    containers.pop().remove()
    yield names
    for container in containers:
        container.remove()
    for name in names:
        client.volumes.get(name).remove()


@pytest.mark.docker
def test_files_are_found_whoever_has_the_volume(volumes: list[str]):
    api = docker.from_env().api
    names = [*volumes, "wstest-none"]
    before = containers_of(api, names)
    assert unwritten(api, names) == {volumes[0], volumes[2]}
    assert containers_of(api, names) == before
    assert "wstest-none" not in [each["Name"] for each in api.volumes()["Volumes"]]


def containers_of(api: docker.APIClient, names: list[str]) -> dict[str, list[str]]:
    """Give the containers of each volume; those of tests that run beside come and go."""
    listed = {name: api.containers(all=True, filters={"volume": name}) for name in names}
    return {name: [each["Id"] for each in found] for name, found in listed.items()}
