"""What a server is told once it runs, before services stand on it: commands in its container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from infra.daemon.containers import Containers
from infra.daemon.failures import ContainerError, told_plainly

_DECLARED = ("container", "content", "pids", "commands")


class ProvisionProvider(ResourceProvider):
    """Runs the commands when they change, and where the container does not run."""

    serialize_as_secret_always = False  # it holds no values

    def diff(self, _id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Another container, other commands, or a container that has stopped."""
        changed = any(olds.get(name) != news.get(name) for name in _DECLARED)
        return DiffResult(changes=changed or not _runs(str(news["container"])))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Start the container where it does not run, and run the commands."""
        with told_plainly():
            _provide(props)
        return CreateResult(str(props["container"]), props)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """The same: the commands leave what is there already as it is."""
        with told_plainly():
            _provide(news)
        return UpdateResult(news)


def _runs(container: str) -> bool:
    """Whether it runs; one that cannot be looked at is looked at again when it is provided."""
    try:
        return Containers.of_environment().status(container).status == "running"
    except ContainerError:
        return False


def _provide(properties: Mapping[str, Any]) -> None:
    name = str(properties["container"])
    containers = Containers.of_environment()
    containers.start(name)
    containers.limit_processes(name, int(properties["pids"]))
    for command in properties["commands"]:
        try:
            containers.run(name, *map(str, command))
        except ContainerError as error:
            raise ContainerError(f"{error}\n{containers.last_lines(name)}".rstrip()) from None


class Provision(Resource, module="webstack", name="Provision"):
    """What makes a server ready for those that need it; ``content`` stands for its container."""

    def __init__(
        self,
        resource: str,
        container: str,
        content: str,
        pids: int,
        commands: Sequence[Sequence[str]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        properties = {
            "container": container,
            "content": content,
            "pids": pids,
            "commands": [list(command) for command in commands],
        }
        super().__init__(ProvisionProvider(), resource, properties, opts)
