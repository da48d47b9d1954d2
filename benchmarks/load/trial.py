"""Copy the project under a name of its own, with the service under load as its only service."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docker import APIClient, from_env

from benchmarks.load.wire import Answer, Connection, FailedError

ROOT = Path(__file__).parents[2]
SERVICE = Path(__file__).with_name("service")
PARTS = ("infra", "proxy", "webstack", "webstack_service", "Pulumi.yaml", "dev.passphrase")
COMPILED = ("infra", "proxy", "webstack")
LEFT_OUT = shutil.ignore_patterns("__pycache__")
LONGEST_UP = 300


class TrialError(Exception):
    """A deployment did not do what the scenario asks of it."""


@dataclass
class Trial:
    """The folder of the project, its engine, and the settings that the next ``up`` will take.

    ``duration`` is how long the last ``up`` took, in seconds. ``shown`` is called with the output
    of each deployment that succeeds.
    """

    root: Path
    engine: str
    grace: int
    port: int
    project: str = field(default_factory=lambda: f"wsload-{secrets.token_hex(3)}")
    settings: dict[str, Any] = field(default_factory=dict)
    saved: tuple[str, dict[str, Any]] | None = None
    duration: float = 0.0
    shown: Callable[[str], None] = lambda _: None

    @property
    def services(self) -> dict[str, Any]:
        """Give the services of the settings, to be changed in place."""
        services: dict[str, Any] = self.settings["webstack:services"]
        return services

    @property
    def service(self) -> dict[str, Any]:
        """Give the settings of the service under load, to be changed in place."""
        service: dict[str, Any] = self.services["load"]
        return service

    @property
    def source(self) -> Path:
        """Give the folder of the service under load."""
        return self.root / "services" / "load"

    def edit(self, pattern: str, new: str) -> None:
        """Change the service's code, at the one place that matches a pattern."""
        file = self.source / "app.py"
        text, count = re.subn(pattern, new, file.read_text())
        if count != 1:
            raise TrialError(f"{pattern!r} matches {count} places of {file.name}")
        file.write_text(text)

    def save(self) -> None:
        """Keep the code and the settings, so that ``restore`` can come back to them."""
        code = (self.source / "app.py").read_text()
        self.saved = (code, deepcopy(self.settings))

    def restore(self) -> str:
        """Come back to the kept code and settings; gives their version."""
        if self.saved is None:
            raise TrialError("nothing was kept")
        (code, self.settings), self.saved = self.saved, None
        (self.source / "app.py").write_text(code)
        return code.partition("VERSION = ")[2].split()[0]

    def up(self, until: Callable[[], bool]) -> float:
        """Deploy; gives the seconds until the change was live."""
        began = time.monotonic()
        live = _live(self.start_up(), until, self.shown)
        self.duration = time.monotonic() - began
        return live

    def rollback(self, until: Callable[[], bool]) -> float:
        """Go back to the release before; gives the seconds until that was live."""
        return _live(self._start("rollback", "--yes"), until, self.shown)

    def failing_up(self, *words: str) -> float:
        """Deploy a change that cannot go live; gives the seconds until these words were said."""
        began = time.monotonic()
        process = self.start_up()
        said = output(process)
        if process.returncode != 1 or not all(each in said for each in words):
            raise TrialError(f"up should have failed with {words!r}\n{said}")
        return time.monotonic() - began

    def killed_up(self, seconds: float) -> None:
        """Begin to deploy, then kill the run and all that it has started."""
        process = self.start_up()
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGKILL)
        output(process)

    def start_up(self) -> subprocess.Popen[str]:
        """Begin to deploy the settings and the code as they are now."""
        file = self.root / "Pulumi.dev.yaml"
        document = yaml.safe_load(file.read_text())
        file.write_text(yaml.safe_dump({**document, "config": self.settings}, sort_keys=False))
        return self._start("up", "--yes")

    def says(self, header: str, value: str, path: str = "/", host: str = "localhost") -> bool:
        """Tell whether an answer has this header with this value."""
        answer = ask(self.port, path, host)
        return answer is not None and answer.headers.get(header) == value

    def serving(self) -> set[str]:
        """Give the containers that answer, out of some requests."""
        answers = [ask(self.port) for _ in range(12)]
        return {answer.headers.get("x-container", "") for answer in answers if answer}

    def containers(self, role: str = "service") -> list[str]:
        """Give the names of the running containers with a role."""
        labels = [f"webstack.project={self.project}", f"webstack.role={role}"]
        found = _daemon().containers(filters={"label": labels})
        return sorted(each["Names"][0].removeprefix("/") for each in found)

    def image(self, role: str) -> str:
        """Give the image of the running container with a role."""
        return docker("inspect", "--format", "{{.Config.Image}}", self.containers(role)[-1]).strip()

    def remove(self) -> None:
        """Take the stack away, in whatever state it is; nobody waits for the grace of services."""
        own = ["--filter", f"label=webstack.project={self.project}"]
        named = ["--format", "{{.Repository}}:{{.Tag}}", f"{self.project}/*"]
        for listed, removed in (
            (["container", "ls", "-aq", *own], ["container", "rm", "--force", "--volumes"]),
            (["network", "ls", "-q", *own], ["network", "rm"]),
            (["volume", "ls", "-q", *own], ["volume", "rm", "--force"]),
            (["image", "ls", *named], ["image", "rm", "--no-prune"]),
        ):
            if found := docker(*listed).split():
                docker(*removed, *found)

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command(*arguments),
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "webstack.cli", *arguments, "--engine", self.engine]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.root)}


@contextmanager
def made(folder: Path, engine: str, grace: int) -> Iterator[Trial]:
    """Copy the project, bring it up, and take it away in the end."""
    folder.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            # Compiled modules come along: Python would compile each copy anew.
            shutil.copytree(source, folder / part, ignore=None if part in COMPILED else LEFT_OUT)
        else:
            shutil.copy2(source, folder / part)
    shutil.copytree(SERVICE, folder / "services" / "load", ignore=LEFT_OUT)
    trial = Trial(folder, engine, grace, free_port())
    _rename(folder, trial.project)
    shutil.copy2(ROOT / "Pulumi.dev.yaml", folder)
    trial.settings = _settings(trial.port, grace)
    try:
        trial.up(lambda: trial.says("x-version", "1"))
        yield trial
    finally:
        trial.remove()


def _rename(folder: Path, project: str) -> None:
    file = folder / "Pulumi.yaml"
    document = yaml.safe_load(file.read_text())
    document["name"] = project
    document["runtime"]["options"]["virtualenv"] = sys.prefix
    file.write_text(yaml.safe_dump(document, sort_keys=False))


def _settings(port: int, grace: int) -> dict[str, Any]:
    load = {
        "source": "services/load",
        "path": "/",
        "replicas": 1,
        "threads": 32,
        "grace": grace,
        "start_timeout": 20,
        "environment": {"GREETING": "one"},
    }
    return {"webstack:port": port, "webstack:services": {"load": load}}


def ask(port: int, path: str = "/", host: str = "localhost") -> Answer | None:
    """Send one request on a connection of its own; None without an answer."""
    try:
        connection = Connection(port, 2)
    except FailedError:
        return None
    try:
        return connection.ask("GET", path, {"Host": host, "Connection": "close"})
    except FailedError:
        return None
    finally:
        connection.close()


def _live(
    process: subprocess.Popen[str], until: Callable[[], bool], shown: Callable[[str], None]
) -> float:
    """Wait until a run has ended; gives the seconds until its change was live."""
    began, live = time.monotonic(), None
    while process.poll() is None or live is None:
        if live is None and until():
            live = time.monotonic() - began
        if process.poll() not in (None, 0):
            raise TrialError(f"{process.args!r} failed\n{output(process)}")
        if time.monotonic() - began > LONGEST_UP:
            raise TrialError("the change is not live")
        time.sleep(0.1)
    shown(output(process))
    return live


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def output(process: subprocess.Popen[str]) -> str:
    """Wait until a process has ended, and give its output."""
    out, _ = process.communicate(timeout=LONGEST_UP)
    return out


@cache
def _daemon() -> APIClient:
    """Connect to the daemon once: a Docker client for each question would load the machine."""
    return from_env(timeout=60).api


def docker(*arguments: str) -> str:
    """Run the Docker client and give its output."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout
