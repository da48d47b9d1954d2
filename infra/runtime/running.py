"""The containers that a release is about."""

from __future__ import annotations

from infra.daemon.containers import Containers
from infra.rollout.running_containers import RunningContainers


def running_containers() -> RunningContainers:
    """Give the containers of the daemon that the environment names; raises ContainerError."""
    return Containers.of_environment()
