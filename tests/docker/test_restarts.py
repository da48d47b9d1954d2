"""What stops comes back, in any order, and takes nothing else down with it."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator

import pytest

from tests.deployment import Deployment, copied

pytestmark = pytest.mark.docker

PATHS = ("/", "/django/")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A stack of its own, since the shared one is not to be stopped."""
    with copied(tmp_path_factory.mktemp("restarts") / "project") as deployment:
        deployment.up()
        yield deployment


def test_a_restarted_service_serves_again_soon(served: Deployment):
    name = container(served, "flask")
    served.docker("restart", name)
    assert seconds_until(lambda: status(served, "/") == 200) < 3


def test_a_service_that_is_down_is_told_and_the_others_serve_on(served: Deployment):
    name = container(served, "flask")
    served.docker("stop", name)
    try:
        answer = served.get("/")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert "It should be back in a moment" in answer.text
        assert json.loads(served.get("/", Accept="application/json").body)["status"] == 503
        assert served.get("/django/").status == 200
    finally:
        served.docker("start", name)
    assert seconds_until(lambda: status(served, "/") == 200) < 10


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_containers_come_back_in_any_order(served: Deployment, seed: int):
    names = [*served.containers(), *served.containers("proxy"), *served.containers("holder")]
    served.docker("stop", *names)
    random.Random(seed).shuffle(names)
    for name in names:
        served.docker("start", name)
    for path in PATHS:
        assert seconds_until(lambda path=path: status(served, path) == 200) < 30, names
    served.webstack("preview", "--expect-no-changes")


def container(served: Deployment, service: str) -> str:
    return next(name for name in served.containers() if f"-{service}-" in name)


def status(served: Deployment, path: str) -> int:
    try:
        return served.get(path).status
    except OSError:
        return 0


def seconds_until(condition: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not condition() and time.monotonic() < began + 60:
        time.sleep(0.05)
    return time.monotonic() - began
