"""A service in a container as the deployment runs it, spoken to over its unix socket."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

USER_ID = 20001
SECONDS_TO_START = 30
SECONDS_TO_LOG = 5
SECONDS_TO_RELOAD = 60
PRODUCTION = {
    "ENVIRONMENT": "production",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "service.example",
    "SECRET_KEY": "a key for tests, longer than all the ones that are refused",
    "HOME": "/tmp",  # noqa: S108  # inside the container
}
DEVELOPMENT = {"ENVIRONMENT": "dev", "DEBUG": "1", "WEBSTACK_RELOAD": "/app"}


@dataclass(frozen=True)
class Answer:
    """What a service answered."""

    status: int
    headers: dict[str, str]
    body: str

    def json(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Service:
    """A running container and the way to it."""

    container: Container
    address: Path
    volume: str

    def wait(self) -> Service:
        """Return when the service answers; say what it logged if it never does."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            try:
                if self.ask("/healthz", host="localhost").status == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(f"does not answer: {self.container.logs(tail=20).decode()}")

    def ask(
        self,
        path: str,
        *,
        prefix: str = "",
        method: str = "GET",
        body: str | None = None,
        host: str = "service.example",
        **headers: str,
    ) -> Answer:
        """Send one request as nginx would; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if prefix:
            named["SCRIPT_NAME"] = prefix
        connection = _UnixConnection(self.address)
        try:
            connection.request(method, prefix + path, body, {"Host": host, **named})
            response = connection.getresponse()
            text = response.read().decode()
            return Answer(response.status, dict(response.getheaders()), text)
        finally:
            connection.close()

    def eventually(self, path: str, accept: Callable[[Answer], bool]) -> bool:
        """Ask until the answer is as wanted, or never is; a reload takes a moment."""
        deadline = time.monotonic() + SECONDS_TO_RELOAD
        while time.monotonic() < deadline:
            try:
                if accept(self.ask(path)):
                    return True
            except OSError:
                pass  # between two workers
            time.sleep(0.1)
        return False

    def run(self, *command: str) -> tuple[int, str]:
        """Run a command in the container; give its exit code and what it printed."""
        result = self.container.exec_run(list(command))
        return result.exit_code, result.output.decode()

    def events(self, **wanted: Any) -> list[dict[str, Any]]:
        """Read the log, JSON line by line, and give the events with the wanted fields.

        A request is logged when it is answered, so a wanted event may be a moment away.
        """
        deadline = time.monotonic() + SECONDS_TO_LOG
        while True:
            lines = self.container.logs(stderr=False).decode().splitlines()
            found = [event for event in map(json.loads, lines) if wanted.items() <= event.items()]
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.05)

    def remove(self) -> None:
        """Take the container and its data away."""
        self.container.remove(force=True)
        self.container.client.volumes.get(self.volume).remove()


def build(engine: docker.DockerClient, bases: dict[str, str], folder: Path, debug: bool) -> str:
    """Build a folder's image with the arguments that the deployment gives."""
    name = f"wssvc-{folder.name.replace('_', '-')}:{'debug' if debug else 'test'}"
    wanted = {**bases, "UID": str(USER_ID), "DEBUG": str(int(debug))}
    engine.images.build(path=str(folder), tag=name, buildargs=wanted, rm=True)
    return name


def start(
    engine: docker.DockerClient,
    image: str,
    sockets: Path,
    environment: dict[str, str],
    source: Path | None = None,
) -> Service:
    """Run an image with nothing but a socket and its data to write to."""
    name = f"wssvc-{sockets.name}-{time.time_ns()}"
    sockets.chmod(0o777)
    volumes = {str(sockets): {"bind": "/run/webstack"}, name: {"bind": "/data"}}
    if source:
        volumes[str(source)] = {"bind": "/app", "mode": "ro"}
    container = engine.containers.run(
        image,
        name=name,
        detach=True,
        environment={
            **PRODUCTION,
            **(DEVELOPMENT if source else {}),
            "WEBSTACK_SERVICE": image.split(":")[0],
            "WEBSTACK_SOCKET": "/run/webstack/0.sock",
            "DATABASE_URL": "sqlite:////data/data.sqlite3",
            **environment,
        },
        user=f"{USER_ID}:{USER_ID}",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        tmpfs={"/tmp": ""},  # noqa: S108
        network_mode="none",
        pids_limit=100,
        mem_limit="256m",
        nano_cpus=1_000_000_000,
        volumes=volumes,
    )
    return Service(container, sockets / "0.sock", name)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, address: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._address))
