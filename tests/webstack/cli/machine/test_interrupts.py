"""An interrupt of this process ends the program that it waits for, by its own means or by force."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from webstack.cli.machine import shell
from webstack.cli.machine.interrupts import Interruptible, end_session
from webstack.engine.storage import processes

DEAF = """
import os, signal, subprocess, sys, time
heard = lambda number, frame: print(number, file=open(sys.argv[1], "a"), flush=True)
signal.signal(signal.SIGINT, heard)
child = subprocess.Popen(["sleep", "60"], process_group=0) if sys.version_info >= (3, 11) else (
    subprocess.Popen(["sleep", "60"], preexec_fn=os.setpgrp))
print(child.pid, file=open(sys.argv[2], "w"), flush=True)
while True:
    time.sleep(60)
"""
"""A program that hears interrupts and goes on, as does its child in a group of its own."""
WILLING = """
import sys, time
print("0", file=open(sys.argv[2], "w"), flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("2", file=open(sys.argv[1], "a"), flush=True)
    raise SystemExit(5)
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "_INTERRUPTIBLE", Interruptible(patience=0.5))


def interrupted(folder: Path, program: str, number: signal.Signals) -> tuple[int, list[str], int]:
    """Give the exit code, the signals heard, and the child, after one interrupt of this process.

    The interrupt comes as soon as the program says that it is ready.
    """
    heard, ready = folder / "heard", folder / "ready"

    def interrupt() -> None:
        while not (ready.exists() and ready.read_text().strip()):
            time.sleep(0.02)
        os.kill(os.getpid(), number)

    threading.Thread(target=interrupt, daemon=True).start()
    argv = [sys.executable, "-c", program, str(heard), str(ready)]
    code = shell.attached(argv, env=dict(os.environ), cwd=folder)
    return code, heard.read_text().split(), int(ready.read_text())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_program_is_asked_once_and_may_wind_down(tmp_path: Path, number: signal.Signals):
    before = signal.getsignal(number)
    assert interrupted(tmp_path, WILLING, number)[:2] == (5, ["2"])
    assert signal.getsignal(number) == before


def test_one_that_goes_on_is_killed_with_all_that_it_started(tmp_path: Path):
    began = time.monotonic()
    code, heard, child = interrupted(tmp_path, DEAF, signal.SIGTERM)
    assert (code, heard) == (-signal.SIGKILL, ["2"])
    assert 0.5 < time.monotonic() - began < 10
    while processes.exists(child):  # whoever takes orphans in has to see its end
        assert time.monotonic() - began < 10
        time.sleep(0.02)


def test_one_that_ended_in_time_is_not_looked_for_again(tmp_path: Path):
    """Another process may have got the number of the ended one by then."""
    reached = Interruptible(patience=0.1)
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        with reached.watched(), reached.reached(other.pid):
            signal.raise_signal(signal.SIGTERM)
            assert other.wait() == -signal.SIGINT
        time.sleep(0.3)
        assert reached.interrupted


def test_what_is_read_of_an_interrupted_program_is_not_used(tmp_path: Path):
    threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGTERM]).start()
    with pytest.raises(KeyboardInterrupt):
        shell.read(["sleep", "60"], env=dict(os.environ), cwd=tmp_path)
    assert shell.read(["echo", "a"], env=dict(os.environ), cwd=tmp_path) == "a\n"


def test_an_ignored_signal_stays_ignored(tmp_path: Path):
    """`nohup` relies on that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        argv = ["sh", "-c", f"kill -HUP {os.getpid()}; echo done"]
        assert shell.read(argv, env=dict(os.environ), cwd=tmp_path) == "done\n"
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_session_ends_whole():
    with subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60"], start_new_session=True) as leader:
        while len(processes.of_session(leader.pid)) < 3:
            time.sleep(0.02)
        end_session(leader.pid)
        assert processes.of_session(leader.pid) == []
