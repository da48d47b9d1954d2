"""A command in a container is heard while it runs, and ends when nobody hears it any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from infra.daemon.containers import Containers
from infra.daemon.following import Following
from tests import bases

pytestmark = pytest.mark.docker
SLEEPY = "trap : TERM; echo begun; sleep 997 & while true; do sleep 996; done"
HEARS = """
import sys
from infra.daemon.containers import Containers
with Containers.of_environment().following(sys.argv[1], "sh", "-c", sys.argv[2]) as running:
    while not running.hear(60).lines:
        pass
    print("heard", flush=True)
    running.hear(60)
"""


@pytest.fixture(scope="module")
def container() -> Iterator[Any]:
    """Run a container that does nothing, and that can be stopped at once."""
    client = docker.from_env()
    made = client.containers.run(
        bases.made().python, ["sleep", "600"], detach=True, network_mode="none", init=True
    )
    yield made
    made.remove(force=True)


def heard(running: Following) -> list[bytes]:
    lines: list[bytes] = []
    while True:
        part = running.hear(10)
        lines += part.lines
        if part.ended:
            return lines


def first_line(running: Following) -> bytes:
    while not (part := running.hear(10)).lines:
        assert not part.ended
    return part.lines[0]


def wait_until_alone(container: Any, seconds: float = 8) -> None:
    """Wait until no process of the command is left, not even a grandchild that traps signals."""
    end = time.monotonic() + seconds
    while any(" 99" in " ".join(row) for row in container.top()["Processes"]):
        assert time.monotonic() < end, container.top()["Processes"]
        time.sleep(0.1)


def test_lines_of_both_streams_come_while_it_runs(container: Any):
    script = "echo one; printf two >&2; sleep 1; echo three; printf four; exit 3"
    with Containers.of_environment().following(container.name, "sh", "-c", script) as running:
        assert first_line(running) == b"one"
        assert running.exit_code() is None
        assert sorted(heard(running)) == [b"four", b"three", b"two"]
        assert running.exit_code() == 3


def test_it_has_no_input_to_wait_for(container: Any):
    with Containers.of_environment().following(container.name, "cat") as running:
        assert heard(running) == []
        assert running.exit_code() == 0


def test_one_that_is_not_there_has_an_exit_code(container: Any):
    with Containers.of_environment().following(container.name, "nonsense") as running:
        assert b"nonsense" in b" ".join(heard(running))
        assert running.exit_code() == 127


def test_it_ends_with_all_that_it_started_when_it_is_heard_no_longer(container: Any):
    with Containers.of_environment().following(container.name, "sh", "-c", SLEEPY) as running:
        assert first_line(running) == b"begun"
    wait_until_alone(container)


def test_it_ends_when_the_process_that_hears_it_is_killed(container: Any):
    words = [sys.executable, "-c", HEARS, container.name, SLEEPY]
    hearing = subprocess.Popen(words, stdout=subprocess.PIPE, env={**os.environ})
    assert hearing.stdout is not None
    assert hearing.stdout.readline() == b"heard\n"
    hearing.send_signal(signal.SIGKILL)
    hearing.wait()
    wait_until_alone(container)
    hearing.stdout.close()


def test_what_it_leaves_running_ends_with_it(container: Any):
    script = "sleep 998 & exit 0"
    with Containers.of_environment().following(container.name, "sh", "-c", script) as running:
        heard(running)
        assert running.exit_code() == 0
    wait_until_alone(container)
