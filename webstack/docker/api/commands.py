"""Calls of the API about commands that run in containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from webstack.docker.api.base import Calling
from webstack.docker.api.calls import quoted
from webstack.docker.api.streams import Stream, frames


class Commands(Calling):
    """Commands in containers that run; whatever fails raises DaemonError."""

    def exec_create(
        self,
        container: str,
        command: Sequence[str],
        *,
        stdin: bool = False,
        stderr: bool = True,
        tty: bool = False,
        user: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Prepare a command; gives its ``Id``."""
        body = {
            "Cmd": list(command),
            "AttachStdin": stdin,
            "AttachStdout": True,
            "AttachStderr": stderr,
            "Tty": tty,
            "User": user,
            "Env": [f"{name}={value}" for name, value in (environment or {}).items()],
        }
        return dict(self.value("POST", f"/containers/{quoted(container)}/exec", body=body))

    def exec_start(
        self,
        command: str,
        *,
        detach: bool = False,
        tty: bool = False,
        socket: bool = False,
        stream: bool = False,
    ) -> Any:
        """Start a command and give all of its output once it has ended.

        As a ``stream`` it is given in pieces as it comes, and as a ``socket`` at once, as a
        `Stream`. Nothing is given if it is ``detach``ed.
        """
        path, body = f"/exec/{quoted(command)}/start", {"Detach": detach, "Tty": tty}
        if detach:
            return self.value("POST", path, body=body)
        talk = self.handed_over(path, body=body)
        if socket:
            return talk
        pieces = _output(talk)
        return pieces if stream else b"".join(pieces)

    def exec_inspect(self, command: str) -> dict[str, Any]:
        """Tell how a command goes; ``ExitCode`` is None while it runs."""
        return dict(self.value("GET", f"/exec/{quoted(command)}/json"))

    def exec_resize(self, command: str, *, height: int, width: int) -> None:
        """Set the size of a command's terminal, in lines and columns."""
        query = {"h": height, "w": width}
        self.value("POST", f"/exec/{quoted(command)}/resize", query=query)


def _output(talk: Stream) -> Iterator[bytes]:
    with closing(talk):
        yield from (piece for _, piece in frames(talk))
