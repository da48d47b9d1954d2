"""Describes what a release asks of running containers, whatever runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from infra.daemon.following import Heard
from infra.daemon.status import ContainerStatus
from webstack.docker.container_folder import ContainerFolder


class RunningCommand(Protocol):
    """Hears a command that runs in a container, while it runs."""

    def hear(self, seconds: float) -> Heard:
        """Wait for output; gives no lines if none came in so many seconds."""

    def exit_code(self) -> int | None:
        """Give the exit code; None if the command has not ended."""


class RunningContainers(Protocol):
    """Works on containers by name; whatever fails raises ContainerError."""

    def start(self, name: str) -> None:
        """Start a container; one that runs goes on running."""

    def stop(self, name: str, grace: int = 5) -> None:
        """Stop a container within ``grace`` seconds, so that nothing restarts it by itself."""

    def running(self, labels: Mapping[str, str]) -> Sequence[str]:
        """Give the names of the running containers that have all these labels."""

    def status(self, name: str) -> ContainerStatus:
        """Tell the state of a container now."""

    def inspected(self, name: str) -> Mapping[str, Any]:
        """Give all that is known of a container, in the shape of Docker's API."""

    def image_id(self, name: str) -> str:
        """Give the id of the image that a container was made of."""

    def exit_code(self, name: str) -> int | None:
        """Give the code of a container's last exit; None if it is not known."""

    def last_lines(self, name: str, count: int = 50) -> str:
        """Give the last ``count`` lines of a container's log, indented."""

    def limit_processes(self, name: str, limit: int) -> None:
        """Set how many processes and threads a container may have."""

    def run(self, name: str, *command: str) -> str:
        """Run a command in a container and give its output; it has to exit with 0."""

    def read(self, name: str, *command: str) -> str:
        """Run a command that changes nothing, and give all of its output."""

    def begin(self, name: str, *command: str) -> None:
        """Start a command in a container, and do not wait for it."""

    def following(
        self, name: str, *command: str, environment: Mapping[str, str] | None = None
    ) -> AbstractContextManager[RunningCommand]:
        """Run a command, with variables of its own, that is heard while it runs.

        It ends with the context.
        """

    def give(self, volume: str, user: int, tools: str) -> None:
        """Make a user the owner of a volume, with the image of the container ``tools``."""

    def write_file(self, name: str, folder: str, file: str, text: str) -> None:
        """Write a text file into a folder of a container that is a volume."""

    def write_secret(self, name: str, path: str, content: bytes, *, owner: int) -> None:
        """Put a file into a volume of a container, for ``owner`` alone to read.

        One rename puts it in its place.
        """

    def copy_folder(
        self, source: str, folder: str, target: str, parent: str, name: str, *, strict: bool = True
    ) -> tuple[str, ...]:
        """Copy a folder of ``source`` into ``target``, as ``parent/name``.

        Gives the names of its files, relative to the folder. Raises StaticError if the folder holds
        what cannot be served. Without ``strict``, that is left out instead.
        """

    def folder(self, name: str, path: str) -> ContainerFolder | None:
        """Describe a folder of a container; None if the path is no folder."""

    def copy_of_image(
        self, image: str, folder: str, target: str, parent: str, name: str
    ) -> tuple[str, ...]:
        """Copy a folder of an image as `copy_folder` copies one of a container."""
