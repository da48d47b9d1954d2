"""The check names the volumes that a container cannot write to."""

from __future__ import annotations

from typing import Any

import pytest

from infra.rollout.checks import unwritable_volumes
from infra.rollout.checks.unwritable_volumes import can_write, mounted
from webstack.docker.container_folder import ContainerFolder

DATA = {"Type": "volume", "Name": "webstack-dev-shop-data", "Destination": "/data", "RW": True}


def inspected(user: str, *groups: str) -> dict[str, Any]:
    config = {"User": user, "Image": "webstack/shop:1a2b"}
    return {"Config": config, "HostConfig": {"GroupAdd": groups or None}, "Mounts": [DATA]}


def folder(owner: int, group: int, mode: int) -> ContainerFolder:
    return ContainerFolder(owner, group, mode, is_empty=True)


@pytest.mark.parametrize(
    ("found", "user", "groups", "can"),
    [
        (folder(0, 0, 0o755), "20100:41000", (), False),
        (folder(20100, 20100, 0o755), "20100:41000", (), True),
        (folder(20100, 20100, 0o555), "20100:41000", (), False),
        (folder(0, 41000, 0o775), "20100:41000", (), True),
        (folder(0, 20100, 0o2775), "20100:41000", ("20100",), True),
        (folder(0, 20100, 0o755), "20100:41000", ("20100",), False),
        (folder(0, 0, 0o1777), "20100:41000", (), True),
        (folder(0, 0, 0o772), "20100:41000", (), False),
        (folder(0, 0, 0o755), "", (), True),
        (folder(0, 0, 0o755), "www-data", (), True),
    ],
)
def test_the_modes_decide_as_the_kernel_does(
    found: ContainerFolder, user: str, groups: tuple[str, ...], can: bool
):
    assert can_write(found, inspected(user, *groups)) == can


def test_volumes_to_write_to_are_looked_at_and_nothing_else():
    mounts = [
        DATA,
        {**DATA, "Destination": "/a"},
        {**DATA, "Destination": "/read", "RW": False},
        {"Type": "bind", "Destination": "/app", "RW": True},
        {"Type": "tmpfs", "Destination": "/tmp", "RW": True},
    ]
    assert mounted({"Mounts": mounts}) == ["/a", "/data"]
    assert mounted({"Mounts": None}) == mounted({}) == []


def test_the_way_out_is_a_command():
    assert unwritable_volumes.command("/data", inspected("20100:41000")) == (
        "docker run --rm -u 0 -v webstack-dev-shop-data:/data --entrypoint chown "
        "webstack/shop:1a2b 20100 /data"
    )
