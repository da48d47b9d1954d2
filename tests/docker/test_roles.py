"""Roles of a service roll with it on a real daemon, and a broken role changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.docker.test_changes import WITH_DATA, edit

pytestmark = pytest.mark.docker

APP = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"one"]
"""
WORK = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
while True:
    with open("/data/log", "a") as log:
        print(os.environ["WEBSTACK_ROLE"], os.environ["WEBSTACK_RELEASE"], file=log)
    time.sleep(0.2)
"""
DOCKERFILE = WITH_DATA.replace("COPY app.py .", "COPY . .")


def only(project: Any, **settings: Any) -> None:
    """Give a project of one service, which keeps data."""
    folder = project.root / "services" / "third"
    folder.mkdir()
    for name, text in {"app.py": APP, "work.py": WORK, "Dockerfile": DOCKERFILE}.items():
        (folder / name).write_text(text)
    service = {"source": "services/third", "path": "/", "data": "/data", **settings}
    project.change_settings(lambda config: config.update({"webstack:services": {"third": service}}))


def test_roles_roll_with_their_service_and_a_broken_one_changes_nothing(project: Any):
    work = {"command": ["python3", "work.py"], "health": 1, "grace": 2}
    only(project, roles={"worker": {**work, "replicas": 2}, "beat": {**work, "single": True}})
    project.up()
    first = project.containers("background")
    assert [name.rpartition("-")[0].partition("third-")[2] for name in first] == [
        "beat-0",
        "worker-0",
        "worker-1",
    ]
    source = project.root / "services" / "third" / "work.py"

    edit(
        source,
        "while True:",
        "if os.environ['WEBSTACK_ROLE'] == 'beat': sys.exit('no luck')\nwhile True:",
    )
    failed = project.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert "and has to run on (webstack:services.third.roles.beat.command)" in failed.stdout
    assert "no luck" in failed.stdout
    assert project.containers("background") == first
    assert project.get("/").text == "one"

    edit(source, "== 'beat'", "== 'nobody'")
    done = project.up()
    assert "third-beat    restarts, about 3 s" in done.stdout
    assert not set(project.containers("background")) & set(first)
    web = project.containers()[0]
    lines = project.docker("exec", web, "grep", "beat", "/data/log").splitlines()
    releases = [line.split()[1] for line in lines]
    assert releases == sorted(releases, key=releases.index), "two beats worked at a time"

    project.docker("stop", project.containers("background")[0])
    assert project.webstack("drift", check=False).returncode == 2
    project.webstack("rollback", "--yes")
    assert project.containers("background") == first
