"""Removes what releases leave on the daemon: images, and static files in nginx's volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webstack.cli.daemon.containers import StackOnDocker, plain_errors
from webstack.cli.terminal.errors import OpsError
from webstack.docker.errors import RefusedError

STATIC = "/srv/static"
_AT_ONCE = 500


class Stored:
    """Images of all stacks of a project, static files of one."""

    def __init__(self, docker: StackOnDocker) -> None:
        self._docker = docker
        self._api: Any = docker.api

    def images(self) -> Mapping[str, bool]:
        """Map the project's images, of every stack, to whether a container needs their name.

        Containers of other projects count too. An image with another name loses only this one.
        """
        with plain_errors():
            containers = self._api.containers(all=True)
        ids = {entry["ImageID"] for entry in containers}
        names = {entry["Image"] for entry in containers}
        return {
            name: name in names or (image["Id"] in ids and len(image["RepoTags"]) == 1)
            for name, image in self._docker.own_images()
        }

    def containers(self) -> Mapping[str, str]:
        """Map ids to names of the project's containers of every stack, running or not."""
        with plain_errors():
            listing = self._api.containers(all=True, filters={"label": self._docker.labels[:1]})
        return {entry["Id"]: entry["Names"][0].lstrip("/") for entry in listing}

    def remove_image(self, reference: str) -> bool:
        """Remove an image; tells whether it went, which one that is in use does not."""
        with plain_errors():
            try:
                self._api.remove_image(reference)
            except RefusedError:
                return False
        return True

    def static_files(self) -> list[str]:
        """List the static files of all services, as ``service/name``; none without nginx."""
        return self._in_nginx("find", STATIC, "-type", "f", "-printf", "%P\n").splitlines()

    def remove_static_files(self, names: Sequence[str]) -> None:
        """Remove some of them, and folders that are empty then."""
        for start in range(0, len(names), _AT_ONCE):
            self._in_nginx(
                "rm", "-f", *(f"{STATIC}/{name}" for name in names[start : start + _AT_ONCE])
            )
        if names:
            self._in_nginx("find", STATIC, "-mindepth", "2", "-type", "d", "-empty", "-delete")

    def _in_nginx(self, *command: str) -> str:
        """Run a command as the owner of the static files."""
        with plain_errors():
            running = self._api.containers(
                filters={"label": [*self._docker.labels, "webstack.role=proxy"]}
            )
            if not running:
                return ""
            job = self._api.exec_create(running[0]["Id"], list(command), user="0")["Id"]
            output: bytes = self._api.exec_start(job)
            if self._api.exec_inspect(job)["ExitCode"]:
                raise OpsError(f"{command[0]} failed in nginx: {output.decode(errors='replace')}")
        return output.decode()
