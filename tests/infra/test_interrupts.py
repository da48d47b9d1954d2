"""An interrupt ends the program without a word, unless the program handles it."""

from __future__ import annotations

import subprocess
import sys

INTERRUPTED = """
import os, signal
from infra.interrupts import end_quietly
{before}
end_quietly()
os.kill(os.getpid(), signal.SIGINT)
signal.pause()
"""


def run(before: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", INTERRUPTED.format(before=before)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_the_clis_interrupt_ends_the_program_as_one_that_has_said_all():
    # Where the tests run in the background, the shell has interrupts ignored.
    ended = run("signal.signal(signal.SIGINT, signal.default_int_handler)")
    assert (ended.returncode, ended.stdout, ended.stderr) == (32, "", "")


def test_who_takes_interrupts_already_goes_on_doing_so():
    ended = run("signal.signal(signal.SIGINT, lambda *_: os._exit(3))")
    assert ended.returncode == 3
