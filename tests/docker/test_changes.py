"""A running stack goes through changes of code, services and replicas, failures and kills."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import bases
from tests.deployment import Deployment, copied

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


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Give a project for the life of one stack, which begins with a port in use."""
    with copied(tmp_path_factory.mktemp("life") / "project") as deployment:
        yield deployment


def test_a_port_in_use_is_named(life: Any):
    name = f"{life.project}-busy"
    life.docker(
        *("run", "-d", "--name", name, "--label", f"webstack.project={life.project}"),
        *("-p", f"127.0.0.1:{life.port}:80", bases.NAMES.python, "sleep", "60"),
    )
    failed = life.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert str(life.port) in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
    life.docker("rm", "-f", name)
    life.up()
    assert life.get("/").status == 200


def test_a_failing_build_shows_its_last_lines(life: Any):
    add_third(life, replicas=2)
    recipe = life.root / "services/third/Dockerfile"
    recipe.write_text(f"{THIRD}\nRUN echo here it breaks && false\n")
    failed = life.webstack("up", "--yes", check=False)
    assert failed.returncode == 1
    assert "here it breaks" in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
    life.change_settings(lambda config: config["webstack:services"].pop("third"))


def test_the_life_of_a_stack(life: Any):
    """A stack comes up, gets a third service and a changed line, loses a replica, and goes down."""
    life.up()
    assert life.get("/").status == 200

    add_third(life, replicas=2)
    life.up()
    assert life.get("/third/").text.startswith("/third third by")
    third = [name for name in life.containers() if "-third-" in name]
    assert len(third) == 2

    life.docker("kill", third[0])
    assert {life.get("/third/").status for _ in range(20)} == {200}

    edit(life.root / "services/third/app.py", "third by", "changed by")
    life.up()
    assert "changed by" in life.get("/third/").text
    assert not set(third) & set(life.containers())

    down = life.webstack("down", "--yes")
    left = {f"{life.project}-dev-shop-data", f"{life.project}-dev-wiki-data"}
    assert life.objects() == left
    assert all(name in down.stdout + down.stderr for name in left)
    life.up()
    life.webstack("down", "--yes", "--data")
    assert life.objects() == set()


BAD = {
    'raise SystemExit("no luck today")': r"exited with code [1-9][^$]*no luck today",
    "import time; time.sleep(600)": r"not healthy after 4 s: GET /healthz[^$]*no answer: timed out",
}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Give a project whose only service is the third one."""
    with copied(tmp_path_factory.mktemp("alone") / "project") as deployment:
        deployment.change_settings(lambda config: config["webstack:services"].clear())
        yield deployment


def test_a_bad_release_changes_nothing_for_users(alone: Any):
    """A bad release exits at once or never gets healthy; the next good release goes live."""
    add_third(alone)
    alone.up()
    source = alone.root / "services/third/app.py"
    good = source.read_text()
    add_third(alone, start_timeout=4)
    for change, message in BAD.items():
        source.write_text(f"{change}\n{good}")
        failed = alone.webstack("up", "--yes", check=False)
        assert failed.returncode == 1
        assert re.search(message, failed.stdout + failed.stderr), failed.stdout + failed.stderr
        assert "Traceback" not in failed.stdout + failed.stderr
        assert alone.get("/third/").status == 200

    add_third(alone)
    source.write_text(good.replace("third by", "mended by"))
    alone.up()
    assert "mended by" in alone.get("/third/").text
    assert len([name for name in alone.containers() if "-third-" in name]) == 1


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


RELOADED = """
KNOWN = ("/healthz", "/first")

def app(environ, start_response):
    known = environ["PATH_INFO"] in KNOWN
    start_response("200 OK" if known else "404 Not Found", [("Content-Type", "text/plain")])
    return [b"here"]
"""


def test_changed_code_is_taken_into_use_by_itself(alone: Any):
    """In dev the source is mounted; code that does not load changes nothing."""
    add_third(alone, path="/", reload="/app")
    recipe = THIRD.replace(
        '"app:app"', '"--config", "python:webstack_service.gunicorn_config", "app:app"'
    )
    (alone.root / "services/third/Dockerfile").write_text(recipe)
    source = alone.root / "services/third/app.py"
    source.write_text(RELOADED)
    alone.up()
    source.write_text(f"{RELOADED}\nraise SystemExit('half written')\n")
    time.sleep(3)
    assert alone.get("/first").status == 200

    def settled(path: str) -> bool:
        """Tell whether only new workers answer; for a moment old ones may answer, too."""
        return {alone.get(path).status for _ in range(12)} == {200}

    source.write_text(RELOADED.replace("/first", "/second"))
    wait_until(lambda: settled("/second"), seconds=20)
    assert settled("/second")
    source.write_text(RELOADED)
    wait_until(lambda: settled("/first"), seconds=20)
    assert settled("/first")
