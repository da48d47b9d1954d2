"""One-off commands on a real daemon pass streams and exit codes on, and leave nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import Any

import pytest

pytestmark = pytest.mark.docker


WEBSTACK = [sys.executable, "-m", "webstack.cli.main"]


def piped(stack: Any, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WEBSTACK, *words], cwd=stack.root, input=text, capture_output=True, text=True, check=False
    )


def test_a_command_runs_beside_the_release_and_leaves_nothing(stack: Any):
    service = next(iter(stack.outputs()["services"]))
    before = stack.objects()
    done = piped(stack, "run", service, "--", "sh", "-c", "cat; ls /data; exit 7", text="hello\n")
    assert (done.returncode, done.stdout.splitlines()[0]) == (7, "hello")
    inside = piped(stack, "exec", service, "--", "printenv", "WEBSTACK_SERVICE")
    assert (inside.returncode, inside.stdout.strip()) == (0, service)
    assert "exit code 7" in stack.webstack("history").stdout

    running = subprocess.Popen(
        [*WEBSTACK, "run", service, "--", "sleep", "600"],
        cwd=stack.root,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while stack.objects() == before and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) == 130
    assert stack.objects() == before
