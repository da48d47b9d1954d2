"""What a release asks of running containers, whatever runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from infra.daemon.following import Heard
from infra.daemon.status import ContainerStatus
from webstack.docker.container_folder import ContainerFolder


class RunningCommand(Protocol):
    """A command that runs in a container, and is heard while it does."""

    def hear(self, seconds: float) -> Heard:
        """Wait for output; gives no lines where none came in so many seconds."""

    def exit_code(self) -> int | None:
        """Give its exit code; None while it has not ended."""


class RunningContainers(Protocol):
    """Containers by name; all that is asked of them raises ContainerError where it fails."""

    def start(self, name: str) -> None:
        """Start a container; one that runs goes on running."""

    def stop(self, name: str, grace: int = 5) -> None:
        """Stop a container within so many seconds, so that it is not started again by itself."""

    def running(self, labels: Mapping[str, str]) -> Sequence[str]:
        """Give the names of the running containers that have all these labels."""

    def status(self, name: str) -> ContainerStatus:
        """Tell how a container is now."""

    def inspected(self, name: str) -> Mapping[str, Any]:
        """Give all that is known of a container, in the shape of Docker's API."""

    def image_id(self, name: str) -> str:
        """Give the id of the image that a container was made of."""

    def exit_code(self, name: str) -> int | None:
        """Give the code of a container's last exit; None where it is not known."""

    def last_lines(self, name: str, count: int = 50) -> str:
        """Give the last ``count`` lines of a container's log, indented."""

    def limit_processes(self, name: str, limit: int) -> None:
        """Let a container have so many processes and threads."""

    def run(self, name: str, *command: str) -> str:
        """Run a command in a container and give its output; it has to exit with 0."""

    def read(self, name: str, *command: str) -> str:
        """Run a command that only looks, and give all of its output."""

    def begin(self, name: str, *command: str) -> None:
        """Start a command in a container and wait for nothing."""

    def following(self, name: str, *command: str) -> AbstractContextManager[RunningCommand]:
        """Run a command that is heard while it runs, and ends with the context."""

    def give(self, volume: str, user: int, tools: str) -> None:
        """Give a volume to a user, by the image of the container ``tools``."""

    def write_file(self, name: str, folder: str, file: str, text: str) -> None:
        """Write a text file into a folder of a container that is a volume."""

    def write_secret(self, name: str, path: str, content: bytes, *, owner: int) -> None:
        """Put a file, in one rename, into a volume of a container that only ``owner`` may read."""

    def copy_folder(
        self, source: str, folder: str, target: str, parent: str, name: str, *, strict: bool = True
    ) -> tuple[str, ...]:
        """Copy a folder of ``source`` into ``target``, as ``parent/name``.

        Gives the names of its files, relative to the folder. Raises StaticError where it holds
        what cannot be served; unless ``strict``, that is passed over.
        """

    def folder(self, name: str, path: str) -> ContainerFolder | None:
        """Tell how a folder of a container is; None for what is no folder."""

    def copy_of_image(
        self, image: str, folder: str, target: str, parent: str, name: str
    ) -> tuple[str, ...]:
        """Copy a folder of an image in the same way."""
