"""A running stack goes through changes of code, services and replicas, failures and kills."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.docker


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


HELLO = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/healthz":
        return [b"ok"]
    return [environ["SCRIPT_NAME"].encode() + b" third by " + environ["HTTP_HOST"].encode()]
"""
THIRD = """
ARG PYTHON
ARG PYTHON_BUILD
FROM ${PYTHON_BUILD} AS build
RUN python3 -m venv /venv && /venv/bin/pip install gunicorn
FROM ${PYTHON}
COPY --from=build /venv /venv
WORKDIR /app
COPY app.py .
CMD ["/venv/bin/gunicorn", "app:app"]
"""
WITH_DATA = THIRD.replace("WORKDIR", "ARG UID\nRUN install -d -o ${UID} /data\nWORKDIR")


def add_third(project: Any, **settings: Any) -> None:
    folder = project.root / "services" / "third"
    folder.mkdir(exist_ok=True)
    (folder / "app.py").write_text(HELLO)
    (folder / "Dockerfile").write_text(THIRD)
    project.change_settings(
        lambda config: config["webstack:services"].update(
            third={"source": "services/third", "path": "/third", **settings}
        )
    )


def test_a_service_that_never_served_goes_unasked_until_it_has_written(project: Any):
    """The data volume of the service is there from the first attempt on, and empty."""
    broken = "import os, pathlib\nif os.environ.get('WRITES'): pathlib.Path('/data/a').touch()\n"
    project.change_settings(lambda config: config["webstack:services"].pop("wiki"))
    add_third(project, data="/data")
    (project.root / "services" / "third" / "Dockerfile").write_text(WITH_DATA)
    (project.root / "services" / "third" / "app.py").write_text(f"{broken}raise SystemExit(3)\n")
    volume = f"{project.project}-dev-third-data"
    assert project.webstack("up", "--yes", check=False).returncode == 1
    assert volume in project.objects()

    def remove(config: dict[str, Any]) -> None:
        config["webstack:services"].pop("third")

    project.change_settings(remove)
    assert "nothing lost" in project.up().stdout
    assert volume not in project.objects()

    add_third(project, data="/data", environment={"WRITES": "1"})
    (project.root / "services" / "third" / "Dockerfile").write_text(WITH_DATA)
    (project.root / "services" / "third" / "app.py").write_text(f"{broken}raise SystemExit(3)\n")
    assert project.webstack("up", "--yes", check=False).returncode == 1
    project.change_settings(remove)
    refused = project.webstack("up", "--yes", check=False)
    assert "this would lose the data of third-data" in refused.stderr
    project.webstack("up", "--yes", "--allow-data-loss")
    assert volume not in project.objects()


def test_the_life_of_a_stack(project: Any):
    """A stack comes up, gets a third service and a changed line, loses a replica, and goes down."""
    project.up()
    assert project.get("/").status == 200

    add_third(project, replicas=2)
    project.up()
    assert project.get("/third/").text.startswith("/third third by")
    third = [name for name in project.containers() if "-third-" in name]
    assert len(third) == 2

    project.docker("kill", third[0])
    assert {project.get("/third/").status for _ in range(20)} == {200}

    edit(project.root / "services/third/app.py", "third by", "changed by")
    project.up()
    assert "changed by" in project.get("/third/").text
    assert not set(third) & set(project.containers())

    down = project.webstack("down", "--yes")
    left = {f"{project.project}-dev-shop-data", f"{project.project}-dev-wiki-data"}
    assert project.objects() == left
    assert all(name in down.stdout + down.stderr for name in left)
    project.up()
    project.webstack("down", "--yes", "--data")
    assert project.objects() == set()


BAD = {
    'raise SystemExit("no luck today")': r"exited with code [1-9][^$]*no luck today",
    "import time; time.sleep(600)": r"not healthy after 4 s: GET /healthz[^$]*no answer: timed out",
}


def test_a_bad_release_changes_nothing_for_users(project: Any):
    """A bad release exits at once or never gets healthy; the next good release goes live."""
    project.change_settings(lambda config: config["webstack:services"].clear())
    add_third(project)
    project.up()
    source = project.root / "services/third/app.py"
    good = source.read_text()
    add_third(project, start_timeout=4)
    for change, message in BAD.items():
        source.write_text(f"{change}\n{good}")
        failed = project.webstack("up", "--yes", check=False)
        assert failed.returncode == 1
        assert re.search(message, failed.stdout + failed.stderr), failed.stdout + failed.stderr
        assert "Traceback" not in failed.stdout + failed.stderr
        assert project.get("/third/").status == 200

    add_third(project)
    source.write_text(good.replace("third by", "mended by"))
    project.up()
    assert "mended by" in project.get("/third/").text
    assert len([name for name in project.containers() if "-third-" in name]) == 1


def test_a_failing_build_shows_its_last_lines(project: Any):
    add_third(project)
    (project.root / "services/third/Dockerfile").write_text(
        f"{THIRD}\nRUN echo here it breaks && false\n"
    )
    failed = project.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert "here it breaks" in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_an_up_killed_again_and_again_is_completed_by_the_next(project: Any):
    for seconds in (0.8, 1.5, 2.5, 4.0):
        running = project.start("up", "--yes")
        time.sleep(seconds)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()

    project.up()
    assert project.get("/").status == 200
    assert project.get("/wiki/").status == 200
    declared = {c for s in project.outputs()["services"].values() for c in s["containers"]}
    assert set(project.containers()) == declared
    project.webstack("preview", "--expect-no-changes")


def test_a_port_in_use_is_named(project: Any):
    project.docker(
        "run",
        "-d",
        "--name",
        f"{project.project}-busy",
        "--label",
        f"webstack.project={project.project}",
        "-p",
        f"127.0.0.1:{project.port}:80",
        some_image(project),
        "sleep",
        "60",
    )
    failed = project.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert str(project.port) in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
    project.docker("rm", "-f", f"{project.project}-busy")
    project.up()
    assert project.get("/").status == 200


def some_image(project: Any) -> str:
    images = project.docker("images", "--format", "{{.Repository}}:{{.Tag}}", "webstack/python")
    return images.split()[0]


RELOADED = """
KNOWN = ("/healthz", "/first")

def app(environ, start_response):
    known = environ["PATH_INFO"] in KNOWN
    start_response("200 OK" if known else "404 Not Found", [("Content-Type", "text/plain")])
    return [b"here"]
"""


def test_changed_code_is_taken_into_use_by_itself(project: Any):
    """In dev the source is mounted; code that does not load changes nothing."""
    project.change_settings(lambda config: config["webstack:services"].clear())
    add_third(project, path="/", reload="/app")
    recipe = THIRD.replace(
        '"app:app"', '"--config", "python:webstack_service.gunicorn_config", "app:app"'
    )
    (project.root / "services/third/Dockerfile").write_text(recipe)
    source = project.root / "services/third/app.py"
    source.write_text(RELOADED)
    project.up()
    source.write_text(f"{RELOADED}\nraise SystemExit('half written')\n")
    time.sleep(3)
    assert project.get("/first").status == 200

    def settled(path: str) -> bool:
        """Tell whether only new workers answer; for a moment old ones may answer, too."""
        return {project.get(path).status for _ in range(12)} == {200}

    source.write_text(RELOADED.replace("/first", "/second"))
    wait_until(lambda: settled("/second"), seconds=20)
    assert settled("/second")
    source.write_text(RELOADED)
    wait_until(lambda: settled("/first"), seconds=20)
    assert settled("/first")
