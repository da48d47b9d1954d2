"""Projects outside of the checkout are made by the wheel, serve, and are upgraded under load."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker
import pytest

from tests import bases
from tests.deployment import Deployment, free_port, remove
from webstack import __version__
from webstack.cli.projects.own_wheel import own_wheel

pytestmark = pytest.mark.docker

VERSIONS = Path(__file__).parents[1] / "versions"
PYTHON = getattr(sys, "_base_executable", sys.executable)
BASES = """
import json
from infra.base_images import BaseNames
from infra.settings.sections import Settings
from msgspec.structs import fields
[reference] = [each.default for each in fields(Settings) if each.name == "debian"]
print(json.dumps(vars(BaseNames.of(reference))))
"""


class Project(Deployment):
    """A project that runs on the tool in its own environment."""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.root / ".venv/bin/webstack"), *arguments, "--engine", "embedded"],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, **variables: str) -> str:
        """Run a command in the project's folder; gives its output."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**os.environ, "WEBSTACK_ENGINE": "embedded", **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def make(self, target: str, **variables: str) -> str:
        words = [f"{name}={value}" for name, value in variables.items()]
        return self.run("make", target, f"PYTHON={PYTHON}", *words)

    def commit(self) -> None:
        self.run("git", "add", "-A")
        named = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        self.run("git", *named, "commit", "-qm", "all")


@contextmanager
def project(new: list[str], folder: Path, **variables: str) -> Iterator[Project]:
    """Make a project by a command line that ends in its folder; it is taken away afterwards."""
    name, port = f"wstest-{secrets.token_hex(3)}", free_port()
    made = Project(folder, name, port)
    command = [*new, str(folder), "--name", name]
    # Elsewhere than in the checkout, whose modules Python would take first.
    environ = {**os.environ, **variables}
    subprocess.run(command, cwd=folder.parent, env=environ, check=True, capture_output=True)
    settings = folder / "Pulumi.dev.yaml"
    text = settings.read_text().replace("  # webstack:port: 8080", f"  webstack:port: {port}")
    settings.write_text(text)
    made.commit()
    try:
        made.make("env")
        share_bases(made)
        yield made
    finally:
        remove(made)


def share_bases(made: Project) -> None:
    """Give the existing base images the names that the project's version has for them."""
    names = json.loads(made.run(".venv/bin/python", "-c", BASES))
    daemon = docker.from_env()
    for image, name in names.items():
        if name and (there := getattr(bases.NAMES, image, "")):
            daemon.images.get(there).tag(name)
    daemon.close()


@dataclass
class Load:
    """Requests of three clients, one on a kept connection, and the errors that they met."""

    port: int
    sent: int = 0
    failed: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Load:
        self.threads = [
            threading.Thread(target=self._ask, args=(kept,)) for kept in (True, False, False)
        ]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _ask(self, kept: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.over.wait(0.02):
            self.sent += 1
            try:
                connection.request("GET", "/", headers={"Host": "localhost"})
                response = connection.getresponse()
                body = response.read()
                if response.status != 200 or b"It works." not in body:
                    self.failed.append(f"{response.status} {body[:80]!r}")
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{time.strftime('%X')} {error!r}")
                connection.close()
            if not kept:
                connection.close()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of this checkout as a version is built."""
    bases.made()
    return own_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_installed_wheel_makes_a_project_that_serves_and_passes_its_tests(
    wheel: Path, tmp_path: Path
):
    uv = [str(Path(sys.executable).with_name("uv")), "--no-config", "-q"]
    python = tmp_path / "installed/bin/python"
    subprocess.run([*uv, "venv", "--python", PYTHON, str(tmp_path / "installed")], check=True)
    subprocess.run([*uv, "pip", "install", "--python", str(python), str(wheel)], check=True)
    new = [str(python.with_name("webstack")), "new"]
    with project(new, tmp_path / "shop") as made:
        [kept] = (made.root / "wheels").iterdir()
        assert kept.name == wheel.name
        assert "is up after" in made.make("up")
        assert "It works." in made.get("/").text
        assert made.outputs()["services"].keys() == {"web"}
        made.webstack("preview", "--expect-no-changes")
        assert "6 passed" in made.make("test")


def test_a_project_of_the_last_version_is_upgraded_while_it_serves(wheel: Path, tmp_path: Path):
    [last] = VERSIONS.glob("webstack-*.whl")
    new = [PYTHON, "-m", "webstack.cli", "new"]
    with project(new, tmp_path / "shop", PYTHONPATH=str(last)) as made:
        made.make("up")
        before = made.containers()
        with Load(made.port) as load:
            said = made.make("upgrade", TO=str(wheel))
            assert made.containers() == before
            made.commit()
            made.make("up")
        assert load.failed == []
        assert load.sent > 100
        assert f"The project is on webstack {__version__}, from " in said
        assert "web" in said.partition("What `up` of dev will do")[2]
        assert "It works." in made.get("/").text
        assert made.webstack("drift", check=False).returncode == 0
