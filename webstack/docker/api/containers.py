"""Calls of the API about containers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import IO, Any, Final

from webstack.docker.api.base import Calling, filtered
from webstack.docker.api.calls import Answer, quoted
from webstack.docker.api.streams import Stream, frames, of_frames

_CHUNK: Final = 1 << 21
_HOST: Final = {
    "binds": "Binds",
    "tmpfs": "Tmpfs",
    "network_mode": "NetworkMode",
    "auto_remove": "AutoRemove",
    "read_only": "ReadonlyRootfs",
    "cap_drop": "CapDrop",
    "security_opt": "SecurityOpt",
    "mem_limit": "Memory",
    "pids_limit": "PidsLimit",
}
"""What is said of a container's host, and how the API calls it."""


class Containers(Calling):
    """Containers by name or id; whatever fails raises DaemonError."""

    def containers(
        self,
        *,
        all: bool = False,  # noqa: A002 - the name that the API has for it
        filters: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """List those that run, or ``all``."""
        query = {"all": int(all), "filters": filtered(filters)}
        return list(self.value("GET", "/containers/json", query=query))

    def inspect_container(self, container: str) -> dict[str, Any]:
        """Give all that the daemon knows of one."""
        return dict(self.value("GET", _path(container, "/json")))

    def create_container(
        self,
        image: str,
        command: Sequence[str],
        *,
        name: str | None = None,
        user: str | None = None,
        labels: Mapping[str, str] | None = None,
        stop_signal: str | None = None,
        network_disabled: bool = False,
        host_config: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Make one of an image that is there; gives its ``Id``."""
        said = {
            "Image": image,
            "Cmd": list(command),
            "User": user,
            "Labels": labels,
            "StopSignal": stop_signal,
            "NetworkDisabled": network_disabled,
            "HostConfig": host_config,
        }
        known = {key: value for key, value in said.items() if value is not None}
        return self.create_container_from_config(known, name)

    def create_container_from_config(
        self, config: Mapping[str, Any], name: str | None = None
    ) -> dict[str, Any]:
        """Make one as the API describes it; gives its ``Id``."""
        query = {"name": name}
        return dict(self.value("POST", "/containers/create", query=query, body=config))

    def create_host_config(self, **said: Any) -> dict[str, Any]:
        """Write what is said of a container's host as the API does; raises KeyError."""
        return {_HOST[name]: value for name, value in said.items() if value is not None}

    def connect_container_to_network(self, container: str, network: str) -> None:
        """Let one join a network."""
        path = f"/networks/{quoted(network)}/connect"
        self.value("POST", path, body={"Container": container})

    def start(self, container: str) -> None:
        """Start one; if it runs already, it goes on running."""
        self.value("POST", _path(container, "/start"))

    def stop(self, container: str, timeout: int = 10) -> None:
        """Stop one, which has ``timeout`` seconds to end by itself."""
        query = {"t": timeout}
        self.value("POST", _path(container, "/stop"), query=query, timeout=self.timeout + timeout)

    def wait(self, container: str) -> dict[str, Any]:
        """Wait until one has ended; gives its ``StatusCode``."""
        return dict(self.value("POST", _path(container, "/wait"), timeout=None))

    def remove_container(self, container: str, *, force: bool = False, v: bool = False) -> None:
        """Remove one, also where it runs if ``force``, with its own volumes if ``v``."""
        query = {"force": int(force), "v": int(v)}
        self.value("DELETE", _path(container), query=query)

    def limit_processes(self, container: str, limit: int) -> None:
        """Limit the processes and threads of one."""
        self.value("POST", _path(container, "/update"), body={"PidsLimit": limit})

    def resize(self, container: str, *, height: int, width: int) -> None:
        """Set the size of a container's terminal, in lines and columns."""
        self.value("POST", _path(container, "/resize"), query={"h": height, "w": width})

    def attach_socket(self, container: str, params: Mapping[str, int]) -> Stream:
        """Give the streams of its first process; ``params`` are those of the API."""
        return self.handed_over(_path(container, "/attach"), query=params)

    def stats(
        self, container: str, *, stream: bool = False, one_shot: bool = False
    ) -> dict[str, Any]:
        """Measure one now; without ``one_shot`` the daemon measures twice, a second apart."""
        query = {"stream": int(stream), "one-shot": int(one_shot)}
        return dict(self.value("GET", _path(container, "/stats"), query=query))

    def logs(
        self,
        container: str,
        *,
        stdout: bool = True,
        stderr: bool = True,
        timestamps: bool = False,
        tail: int | str = "all",
        stream: bool = False,
        follow: bool = False,
    ) -> Any:
        """Give the output of one as bytes, or with ``stream`` an iterator over pieces of it."""
        query = {
            "stdout": int(stdout),
            "stderr": int(stderr),
            "timestamps": int(timestamps),
            "tail": tail,
            "follow": int(follow),
        }
        tty = bool(self.inspect_container(container)["Config"]["Tty"])
        path = _path(container, "/logs")
        if not stream:
            content = self.send("GET", path, query=query).content()
            return content if tty else of_frames(content)
        answer = self.send("GET", path, query=query, timeout=None)
        return answer.pieces() if tty else _unframed(answer)

    def get_archive(
        self, container: str, path: str, chunk_size: int = _CHUNK
    ) -> tuple[Iterator[bytes], dict[str, Any]]:
        """Read a file or folder as an archive, in pieces; the daemon tells something of it, too."""
        answer = self.send("GET", _path(container, "/archive"), query={"path": path})
        said = base64.b64decode(answer.header("X-Docker-Container-Path-Stat") or b"e30=")
        return answer.pieces(chunk_size), json.loads(said)

    def put_archive(self, container: str, path: str, data: IO[bytes] | bytes) -> None:
        """Unpack an archive into a folder."""
        self.value("PUT", _path(container, "/archive"), query={"path": path}, content=data)

    def export(self, container: str) -> Iterator[bytes]:
        """Read the whole file system as an archive, in pieces."""
        return self.send("GET", _path(container, "/export")).pieces(_CHUNK)


def _unframed(answer: Answer) -> Iterator[bytes]:
    with closing(answer):
        yield from (piece for _, piece in frames(answer))


def _path(container: str, rest: str = "") -> str:
    return f"/containers/{quoted(container)}{rest}"
