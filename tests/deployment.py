"""A whole stack on a real daemon, from a copy of the project under a name of its own.

It has the product and the applications of the tests, and nothing of this project's own services.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import yaml

from tests import bases

ROOT = Path(__file__).parents[1]
APPLICATIONS = ROOT / "tests" / "applications"
COMPILED = ("infra/", "proxy/", "webstack/")
NAMED = "{{.Repository}}:{{.Tag}}"


@dataclass(frozen=True)
class Answer:
    """An HTTP response, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Deployment:
    """A project folder whose stack runs under its own project name and port."""

    root: Path
    project: str
    port: int

    def webstack(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the webstack command of this folder, without a terminal."""
        done = self.start(*arguments)
        out, err = done.communicate(timeout=300)
        result = subprocess.CompletedProcess(arguments, done.returncode, out, err)
        if check:
            assert result.returncode == 0, f"{arguments} failed\n{out}\n{err}"
        return result

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the webstack command in a process group of its own, without waiting for its end."""
        return subprocess.Popen(
            [sys.executable, "-m", "webstack.cli.main", *arguments, "--engine", "embedded"],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        return self.webstack("up", "--yes")

    def outputs(self) -> dict[str, Any]:
        return dict(json.loads(self.webstack("outputs", "--json").stdout))

    def get(self, path: str, host: str = "localhost", **headers: str) -> Answer:
        return self.request("GET", path, host, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        host: str = "localhost",
        body: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request to the proxy's published port, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named = {"Host": f"{host}:{self.port}", **(headers or {})}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, fields, response.read())
        finally:
            connection.close()

    def change_settings(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Edit the configuration of the dev environment in place."""
        file = self.root / "Pulumi.dev.yaml"
        document = yaml.safe_load(file.read_text())
        change(document["config"])
        file.write_text(yaml.safe_dump(document, sort_keys=False))

    def docker(self, *arguments: str) -> str:
        """Run the Docker client and give its output."""
        done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def objects(self) -> set[str]:
        """Give the names of all containers, networks and volumes of this project."""
        own = f"label=webstack.project={self.project}"
        listed = [
            self.docker("ps", "-a", "--filter", own, "--format", "{{.Names}}"),
            self.docker("network", "ls", "--filter", own, "--format", "{{.Name}}"),
            self.docker("volume", "ls", "--filter", own, "--format", "{{.Name}}"),
        ]
        return {name for text in listed for name in text.split()}

    def containers(self, role: str = "service") -> list[str]:
        """Give the names of the running containers with a role."""
        filters = [f"label=webstack.project={self.project}", f"label=webstack.role={role}"]
        named = [word for each in filters for word in ("--filter", each)]
        return sorted(self.docker("ps", *named, "--format", "{{.Names}}").split())


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def port_of_no_client() -> int:
    """Find a free port below those of clients: a client on it could connect to itself."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.splitlines()


def _copy_compiled(source: Path, target: Path) -> None:
    """Copy the compiled file of a module, so that Python does not compile each copy anew.

    By a module's size and time Python knows whether the compiled file still fits.
    """
    if source.suffix != ".py":
        return
    compiled, copy = (Path(cache_from_source(str(path))) for path in (source, target))
    if compiled.is_file():
        copy.parent.mkdir(exist_ok=True)
        shutil.copy2(compiled, copy)


def _of_the_product(name: str) -> bool:
    """Tell whether a file is none of this project's services, settings and tests."""
    own = fnmatch(name, "Pulumi.*.yaml") or name.startswith(("services/", "tests/"))
    return not own or name.startswith("tests/applications/")


def copy_project(target: Path, *, samples: bool) -> Deployment:
    """Copy the checkout, with a project name and a port of its own.

    With the ``samples`` the copy has all files, else the settings and applications of the tests.
    """
    for name in _tracked():
        if (ROOT / name).is_file() and (samples or _of_the_product(name)):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
            if name.startswith(COMPILED):
                _copy_compiled(ROOT / name, target / name)
    if not samples:
        shutil.copy2(APPLICATIONS / "Pulumi.dev.yaml", target)
        (target / "services").mkdir()
    project = f"wstest-{secrets.token_hex(3)}"
    file = target / "Pulumi.yaml"
    file.write_text(re.sub(r"^name: .*$", f"name: {project}", file.read_text(), flags=re.MULTILINE))
    deployment = Deployment(target, project, free_port())
    deployment.change_settings(lambda config: _own(config, deployment.port))
    return deployment


def _own(config: dict[str, Any], port: int) -> None:
    config["webstack:port"] = port


@contextmanager
def copied(target: Path, *, samples: bool = False) -> Iterator[Deployment]:
    """Give a copy of the project, of which nothing is left on the daemon afterwards."""
    bases.made()
    deployment = copy_project(target, samples=samples)
    try:
        yield deployment
    finally:
        remove(deployment)


def remove(deployment: Deployment) -> None:
    """Take everything of a deployment off the daemon, in whatever state its stack is.

    Its own `down` would take seconds, and would wait for the grace of its services. The layers
    below its images stay: they serve as cache to the next test.
    """
    own = ["--filter", f"label=webstack.project={deployment.project}"]
    named = ["--format", NAMED, f"{deployment.project}/*"]
    for listed, removed in (
        (["container", "ls", "-aq", *own], ["container", "rm", "--force", "--volumes"]),
        (["network", "ls", "-q", *own], ["network", "rm"]),
        (["volume", "ls", "-q", *own], ["volume", "rm", "--force"]),
        (["image", "ls", *named], ["image", "rm", "--no-prune"]),
    ):
        if found := deployment.docker(*listed).split():
            subprocess.run(["docker", *removed, *found], capture_output=True, check=False)
