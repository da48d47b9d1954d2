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

BRIDGE = "docker_gwbridge"


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
            if BRIDGE not in networks:
                _remove(api, BRIDGE)


def _remove(api: Any, network: str) -> None:
    """Remove a network as soon as the last container has left it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            api.call("DELETE", f"/networks/{network}")
        except Exception:
            time.sleep(0.5)
        else:
            return
