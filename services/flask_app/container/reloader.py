"""Takes changed code into use in development: gently, and only if it can be loaded.

gunicorn's own reloader ends a worker in the middle of its requests, and serves an error page while
a file is half written. Here the old workers go on until the new code has been tried.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

INTERVAL = 0.4

Times = dict[Path, int]
Say = Callable[[str], object]


def start(folder: Path, say: Say) -> None:
    """Watch the source in a thread of gunicorn's main process."""
    threading.Thread(target=_watch, args=(folder, say), daemon=True).start()


def modification_times(folder: Path) -> Times:
    """When each Python file below the folder was last written, in nanoseconds."""
    times = {}
    for file in folder.rglob("*.py"):
        try:
            times[file] = file.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # between two saves of an editor
    return times


def _watch(folder: Path, say: Say) -> None:
    known = modification_times(folder)
    while True:
        time.sleep(INTERVAL)
        now = modification_times(folder)
        if now != known:
            known = now
            _take(say)


def _take(say: Say) -> None:
    check = subprocess.run(
        [sys.executable, *sys.argv, "--check-config"], capture_output=True, text=True, check=False
    )
    if check.returncode == 0:
        say("the code changed: new workers take over")
        os.kill(os.getpid(), signal.SIGHUP)
    else:
        reason = (check.stderr or check.stdout).strip().splitlines()
        say(f"the code changed, but does not load: {reason[-1] if reason else 'no reason given'}")
