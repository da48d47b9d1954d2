"""A swarm of one node, for the tests that need one."""

from __future__ import annotations

import fcntl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from webstack.engine.providers.docker.client.api import NOT_FOUND, DaemonRefusedError, filters

BRIDGE = "docker_gwbridge"
OF_TASKS = {"all": "true", **filters(label="com.docker.swarm.task.id")}
"""The query for containers that a swarm has made and, when it ended, left behind."""


@contextmanager
def one_node_swarm(api: Any) -> Iterator[None]:
    """Make the daemon a swarm of its own and take that away again; skip where it cannot be one.

    A machine's daemon is in one swarm at most, so that modules of tests wait for each other. A
    swarm that is there already belongs to somebody else.
    """
    lock = Path(tempfile.gettempdir(), "webstack-tests-swarm.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if api.call("GET", "/info")["Swarm"]["LocalNodeState"] != "inactive":
            pytest.skip("the Docker daemon is in a swarm of somebody else")
        networks = {network["Name"] for network in api.call("GET", "/networks")}
        address = {"ListenAddr": "127.0.0.1:2377", "AdvertiseAddr": "127.0.0.1"}
        try:
            api.call("POST", "/swarm/init", body={**address, "DataPathAddr": "127.0.0.1"})
        except Exception as error:
            pytest.skip(f"`docker swarm init` does not work here: {error}")
        try:
            yield
        finally:
            api.call("POST", "/swarm/leave", query={"force": "true"})
            for container in api.call("GET", "/containers/json", query=OF_TASKS):
                _remove(api, f"/containers/{container['Id']}")
            if BRIDGE not in networks:
                _remove(api, f"/networks/{BRIDGE}")


def _remove(api: Any, path: str) -> None:
    """Remove what Docker itself may be about to remove, or to let go."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            api.call("DELETE", path, query={"force": "true"})
        except DaemonRefusedError as error:
            if error.status == NOT_FOUND:
                return
            time.sleep(0.5)
        else:
            return
