"""Runs commands in a server's container once it runs, before services use the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from infra.daemon.containers import Containers
from infra.daemon.failures import ContainerError, told_plainly

_DECLARED = ("container", "content", "pids", "commands")


class ProvisionProvider(ResourceProvider):
    """Runs the commands if they change, or if the container does not run."""

    serialize_as_secret_always = False  # it holds no values

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
    containers = Containers.of_environment()
    containers.start(name)
    containers.limit_processes(name, int(properties["pids"]))
    for command in properties["commands"]:
        try:
            containers.run(name, *map(str, command))
        except ContainerError as error:
            raise ContainerError(f"{error}\n{containers.last_lines(name)}".rstrip()) from None


class Provision(Resource, module="webstack", name="Provision"):
    """Prepares a server for those that need it; ``content`` stands for its container."""

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
