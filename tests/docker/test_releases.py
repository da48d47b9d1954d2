"""Releases come back as a whole, whatever happened meanwhile, and go when they are pruned."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.deployment import NAMED, Deployment
from webstack.cli.commands.deployment.rollback import ANNOUNCED

pytestmark = pytest.mark.docker

CODE = """
import json, os, signal, socketserver, sys
from http.server import BaseHTTPRequestHandler

class Told(BaseHTTPRequestHandler):
    def do_GET(self):
        gates = open("/data/gates").read().split() if os.path.exists("/data/gates") else []
        told = {name: os.environ.get(name) for name in ("GREETING", "KEY", "TOKEN")}
        page = json.dumps({**told, "version": VERSION, "gates": gates}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass

class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    pass

signal.signal(signal.SIGTERM, lambda *_: sys.exit())
os.umask(0)
if os.path.exists(os.environ["WEBSTACK_SOCKET"]):
    os.unlink(os.environ["WEBSTACK_SOCKET"])
with Server(os.environ["WEBSTACK_SOCKET"], Told) as server:
    server.serve_forever()
"""
DOCKERFILE = """
ARG PYTHON
FROM ${PYTHON}
ARG UID
RUN install -d -o ${UID} -g ${UID} /data
COPY app.py /app/
COPY static /srv/static
CMD ["python3", "/app/app.py"]
"""
FIRST, SECOND = "site.0000000a.css", "site.0000000b.css"


def write(project: Deployment, version: int, static: str) -> None:
    """Write the source of the one service: its code, and a static file with a hashed name."""
    folder = project.root / "services" / "told"
    (folder / "static").mkdir(parents=True, exist_ok=True)
    for old in (folder / "static").iterdir():
        old.unlink()
    (folder / "static" / static).write_text(f"/* {static} */")
    (folder / "app.py").write_text(f"VERSION = {version}\n{CODE}")
    (folder / "Dockerfile").write_text(DOCKERFILE)


def settings(project: Deployment, services: dict[str, Any], releases: int = 5) -> None:
    def change(config: dict[str, Any]) -> None:
        config["webstack:services"] = services
        config["webstack:releases"] = releases

    project.change_settings(change)


def told(path: str, greeting: str, serial: int, **more: Any) -> dict[str, Any]:
    return {
        "source": "services/told",
        "path": path,
        "static": "/srv/static",
        "data": "/data",
        "environment": {"GREETING": greeting},
        "secret_environment": {
            "KEY": {"serial": serial},
            "TOKEN": {"setting": "token", "serial": serial},
        },
        "before_release": ["sh", "-c", f"echo {greeting} >> /data/gates"],
        "start_timeout": 10,
        **more,
    }


FIRST_SERVICES = {"told": told("/one", "hello", 1)}
SECOND_SERVICES = {
    "told": told("/two", "goodbye", 2, replicas=2),
    "later": {
        **told("/later", "later", 1),
        "secret_environment": {"KEY": {}},
    },
}


def said(project: Deployment, path: str) -> dict[str, Any]:
    answer = project.get(path)
    assert answer.status == 200, answer.text
    return dict(json.loads(answer.body))


def images(project: Deployment) -> set[str]:
    return set(project.docker("image", "ls", "--format", NAMED, f"{project.project}/*").split())


def in_force(project: Deployment) -> dict[str, Any]:
    """Give the newest release, once exactly its containers run."""
    declared = {c for s in project.outputs()["services"].values() for c in s["containers"]}
    assert set(project.containers()) == declared
    releases: list[dict[str, Any]] = json.loads(project.webstack("releases", "--json").stdout)
    return releases[0]


def test_the_life_of_releases(project: Deployment):
    write(project, 1, FIRST)
    project.webstack("config", "set", "--secret", "webstack:token", "first token")
    settings(project, FIRST_SERVICES)
    project.up()
    first = said(project, "/one/")
    assert (first["version"], first["TOKEN"], first["gates"]) == (1, "first token", ["hello"])

    # Code, environment, secrets, route, replicas, static files, and one service more.
    write(project, 2, SECOND)
    project.webstack("config", "set", "--secret", "webstack:token", "second token")
    settings(project, SECOND_SERVICES)
    project.up()
    second, later = said(project, "/two/"), said(project, "/later/")
    assert (second["version"], second["TOKEN"]) == (2, "second token")
    assert second["KEY"] != first["KEY"]
    assert project.get("/one/").status == 404
    assert project.get(f"/two/static/{FIRST}").status == 200, "a page loaded before needs it"

    # What fails takes no number, and what it leaves is in nobody's way.
    source = project.root / "services/told/app.py"
    source.write_text("raise SystemExit('no luck today')")
    failed = project.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert "no luck today" in failed.stdout
    built = images(project)
    with execs(project) as commands:
        back = project.webstack("rollback", "1", "--yes")
    assert "dev is back at release 1, as release 3" in back.stdout
    assert f"webstack-announce {ANNOUNCED}" in "\n".join(commands), "it has other routes"
    assert images(project) == built
    assert said(project, "/one/") == {**first, "gates": ["hello", "goodbye"]}
    assert {project.get(path).status for path in ("/two/", "/later/")} == {404}
    release = in_force(project)
    assert (release["number"], release["rollback_of"]) == (3, 1)
    assert release["secrets"]["told"] == {"KEY": "[secret]", "TOKEN": "[secret]"}
    assert release["static"]["told"] == [FIRST]
    assert len(project.containers()) == 1

    # Killed on its way forward, and again on its way back, it arrives when it is asked again.
    killed(project, "rollback", "2", "--yes", seconds=2.0)
    killed(project, "rollback", "2", "--yes", seconds=3.0)
    project.webstack("rollback", "2", "--yes")
    assert said(project, "/two/")["TOKEN"] == "second token"
    assert said(project, "/two/")["KEY"] == second["KEY"]
    assert said(project, "/later/")["KEY"] == later["KEY"]
    assert in_force(project)["rollback_of"] == 2

    # The next up goes forward to the working tree, whose preview says so.
    write(project, 3, SECOND)
    assert re.search(r"told +rolls, no gap: 2 containers", project.webstack("preview").stdout)
    project.up()
    assert said(project, "/two/")["version"] == 3
    project.webstack("preview", "--expect-no-changes")
    newest = in_force(project)["number"]

    # Pruned releases lose their files and images, and say so.
    settings(project, SECOND_SERVICES, releases=1)
    project.webstack("prune", "--yes")
    assert len(images(project)) == 3, "of two services and the proxy"
    gone = project.get(f"/two/static/{FIRST}")
    assert (gone.status, gone.headers["cache-control"]) == (404, "no-store")
    assert project.get(f"/two/static/{SECOND}").status == 200
    refused = project.webstack("rollback", "3", "--yes", check=False)
    assert refused.returncode == 1
    assert "release 3 of dev cannot come back: its image" in refused.stderr
    assert in_force(project)["number"] == newest
    for secret in (first["KEY"], second["KEY"], "first token", "second token"):
        assert not is_in_state(project, secret)


@contextmanager
def execs(project: Deployment) -> Iterator[list[str]]:
    """Give the commands that run meanwhile in containers of the project, when it has ended.

    Docker forgets all but its last 256 events, so the events are read as they come.
    """
    own = f"label=webstack.project={project.project}"
    command = ["docker", "events", "--filter", "event=exec_create", "--filter", own]
    found: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        try:
            yield found
        finally:
            watching.terminate()
        found += watching.communicate()[0].splitlines()


def killed(project: Deployment, *arguments: str, seconds: float) -> None:
    running = project.start(*arguments)
    time.sleep(seconds)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def is_in_state(project: Deployment, text: str) -> bool:
    files = [file for file in (project.root / ".state").rglob("*") if file.is_file()]
    return any(text in file.read_text(errors="replace") for file in files)
