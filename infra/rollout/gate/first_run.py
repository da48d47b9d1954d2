"""Remembers what runs only once in a stack's life, by notes beside nginx's configuration.

A note is made once the command has ended well. So it does not run again, even if the release fails
afterwards.
"""

from __future__ import annotations

from datetime import datetime, timezone

from infra.rollout.running_containers import RunningContainers
from proxy import paths

_NOTE = "initialised-"


def initialised(containers: RunningContainers, proxy: str) -> set[str]:
    """Name the services whose `init` has run; raises ContainerError."""
    files = containers.read(proxy, "ls", paths.CONFIGURATION_DIRECTORY).splitlines()
    return {file.removeprefix(_NOTE) for file in files if file.startswith(_NOTE)}


def note(containers: RunningContainers, proxy: str, service: str) -> None:
    """Note that the `init` of a service has run; raises ContainerError."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")  # no input: of what is done
    containers.write_file(proxy, paths.CONFIGURATION_DIRECTORY, f"{_NOTE}{service}", f"{now}\n")
