"""Containers that stop come back, in any order, and take nothing else down with them."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deployment import Deployment, copied

pytestmark = pytest.mark.docker

PATHS = ("/", "/wiki/")
BARE = """
ARG PYTHON
FROM ${PYTHON}
RUN rm -rf /tmp
WORKDIR /srv
STOPSIGNAL SIGINT
CMD ["sh", "-c", "mkdir -p bare; touch healthz bare/healthz; exec python3 -m http.server $PORT"]
"""
"""A service that speaks only TCP, from an image without /tmp; it has a folder in memory to write.

The stop signal ends Python's server at once, so that nobody waits for its grace.
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Bring up a stack of its own, since the shared one is not to be stopped."""
    with copied(tmp_path_factory.mktemp("restarts") / "project") as deployment:
        source = deployment.root / "services" / "bare"
        source.mkdir()
        (source / "Dockerfile").write_text(BARE)
        bare = {"source": "services/bare", "path": "/bare", "port": 8000, "writable": {"/srv": 16}}
        deployment.change_settings(lambda config: config["webstack:services"].update(bare=bare))
        deployment.up()
        yield deployment


def test_a_restarted_service_serves_again_soon(served: Deployment):
    name = container(served, "shop")
    served.docker("restart", name)
    assert seconds_until(lambda: status(served, "/") == 200) < 8


def test_a_service_that_is_down_is_told_and_the_others_serve_on(served: Deployment):
    name = container(served, "shop")
    served.docker("stop", name)
    try:
        answer = served.get("/")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert "It should be back in a moment" in answer.text
        assert json.loads(served.get("/", Accept="application/json").body)["status"] == 503
        assert served.get("/wiki/").status == 200
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


def test_nothing_to_do_is_said_without_the_program_until_something_is(served: Deployment):
    (served.root / ".venv").mkdir(exist_ok=True)
    environ = {"PYTHONPATH": str(served.root), "WEBSTACK_ENGINE": "embedded"}

    def runs_the_program(*words: str) -> bool:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "webstack.cli.main", *words],
            cwd=served.root,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        return re.search(r"\| +pulumi$", done.stderr, re.MULTILINE) is not None

    assert runs_the_program("up", "--yes")
    assert seconds_until(lambda: not runs_the_program("up", "--yes")) < 60
    assert not runs_the_program("preview")
    assert runs_the_program("up", "--yes", "--refresh")
    name = container(served, "shop")
    served.docker("stop", name)
    assert runs_the_program("up", "--yes")
    assert status(served, "/") == 200


def test_each_kind_of_container_writes_where_it_may_after_a_restart(served: Deployment):
    names = [*served.containers(), *served.containers("proxy"), *served.containers("holder")]
    names += served.containers("relay")
    written: dict[str, list[str]] = {}
    served.docker("restart", *names)
    for name in names:
        found = json.loads(served.docker("inspect", name))[0]
        folders = [*(found["HostConfig"].get("Tmpfs") or ()), *volumes_to_write(found)]
        for folder in folders:
            served.docker("exec", name, "sh", "-c", f"touch {folder}/.new && rm {folder}/.new")
        written[found["Config"]["Labels"]["webstack.role"]] = folders
    assert written["relay"]
    assert written["holder"]
    assert {"/tmp", "/run/nginx", "/run/webstack/links"} <= set(written["proxy"])
    assert "/tmp" in written["service"]
    assert seconds_until(lambda: status(served, "/bare/healthz") == 200) < 20


def test_only_who_may_go_out_reaches_what_listens_on_the_host(served: Deployment):
    with socket.create_server(("", 0)) as listener:
        port = listener.getsockname()[1]
        [holder] = served.containers("holder")
        assert reached(served, holder, port), "the test itself: the holder has a gateway"
        for name in [*served.containers("relay"), *served.containers()]:
            assert not reached(served, name, port), name
    assert status(served, "/bare/healthz") == 200


def reached(served: Deployment, name: str, port: int) -> bool:
    """Tell whether a container reaches the host by the gateway of one of its networks."""
    joined = json.loads(served.docker("inspect", name))[0]["NetworkSettings"]["Networks"]
    for each in joined.values():
        network = json.loads(served.docker("network", "inspect", each["NetworkID"]))[0]
        for subnet in network["IPAM"]["Config"] or ():
            gateway = ipaddress.ip_network(subnet["Subnet"])[1]
            code = f"import socket; socket.create_connection(('{gateway}', {port}), 2)"
            with contextlib.suppress(subprocess.CalledProcessError):
                served.docker("exec", name, "python3", "-c", code)
                return True
    return False


def volumes_to_write(found: dict[str, Any]) -> list[str]:
    return [each["Destination"] for each in found["Mounts"] if each["RW"]]


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
