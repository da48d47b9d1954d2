"""Makes a server ready before services use it: its secrets, its volumes, commands in it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from infra.daemon.containers import Containers
from infra.daemon.failures import ContainerError, told_plainly
from infra.rollout.checks import server_volumes

_DECLARED = ("container", "content", "pids", "commands", "ready")
_POLL = 0.5


class ProvisionProvider(ResourceProvider):
    """Makes ready what changed, or does not run."""

    serialize_as_secret_always = False  # its files are secret, the rest stays readable

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Report a change if container or commands are others, or if the container has stopped."""
        changed = any(olds.get(name) != news.get(name) for name in _DECLARED)
        return DiffResult(changes=changed or not _runs(str(news["container"])))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Start the container if it does not run, and run the commands."""
        with told_plainly():
            _provide(props)
        return CreateResult(str(props["container"]), props)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Run the commands again, which leave as it is what is there already."""
        with told_plainly():
            _provide(news)
        return UpdateResult(news)


def _runs(container: str) -> bool:
    """Tell whether a container runs.

    False as well if it cannot be asked: it is asked again when the commands run.
    """
    try:
        return Containers.of_environment().status(container).status == "running"
    except ContainerError:
        return False


def _provide(properties: Mapping[str, Any]) -> None:
    name = str(properties["container"])
    containers, ready = Containers.of_environment(), properties.get("ready")
    for path, value in (properties.get("files") or {}).items():
        folder, _, file = path.rpartition("/")
        containers.write_file(name, folder, file, str(value))
    if ready:
        server_volumes.settle(containers, name, str(ready["tools"]))
    containers.start(name)
    containers.limit_processes(name, int(properties["pids"]))
    for command in properties["commands"]:
        try:
            containers.run(name, *map(str, command))
        except ContainerError as error:
            raise ContainerError(f"{error}\n{containers.last_lines(name)}".rstrip()) from None
    if ready:
        _wait(containers, name, ready["command"], int(ready["seconds"]))


def _wait(containers: Containers, name: str, command: Sequence[str], seconds: int) -> None:
    """Wait until the command succeeds; raises ContainerError where it does not in time."""
    until = time.monotonic() + seconds
    while True:
        try:
            containers.run(name, *map(str, command))
        except ContainerError as error:
            status = containers.status(name)
            if status.status == "running" and not status.restarts and time.monotonic() < until:
                time.sleep(_POLL)
                continue
            began = f"{name} did not become healthy in {seconds} s"
            ended = f"{name} does not stay up (it is {status.status})"
            what = began if status.status == "running" and not status.restarts else ended
            said = f"{what}: {error}\n{containers.last_lines(name)}"
            raise ContainerError(said.rstrip()) from None
        return


class Provision(Resource, module="webstack", name="Provision"):
    """Prepares a server for those that need it; ``content`` stands for its container.

    ``ready`` has the command that succeeds once it is ready, the seconds for that, and the image
    that gives volumes to it (tools). ``files`` are secrets by their paths in the container.
    """

    def __init__(
        self,
        resource: str,
        container: str,
        content: str,
        pids: int,
        commands: Sequence[Sequence[str]],
        opts: pulumi.ResourceOptions,
        ready: Mapping[str, Any] | None = None,
        files: Mapping[str, pulumi.Input[str]] | None = None,
    ) -> None:
        properties = {
            "container": container,
            "content": content,
            "pids": pids,
            "commands": [list(command) for command in commands],
            **({"ready": {**ready, "command": list(ready["command"])}} if ready else {}),
            **({"files": dict(files)} if files else {}),
        }
        super().__init__(ProvisionProvider(), resource, properties, opts)
