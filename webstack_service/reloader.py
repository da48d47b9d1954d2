"""Takes changed code into use in development: gently, and only if it can be loaded.

gunicorn's own reloader ends a worker in the middle of its requests, and serves an error page while
a file is half written. Here the old workers go on until the new code has been tried.
"""

from __future__ import annotations

import logging
import logging.config
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from webstack_service import logs

INTERVAL = 0.4

Times = dict[Path, int]

_log = logging.getLogger("webstack_service.reloader")


def start(folder: str) -> None:
    """Watch the source in a process of its own, beside the workers.

    gunicorn collects every process that ends below it: one that it started would lose its result.
    """
    subprocess.Popen([sys.executable, "-m", __name__, str(os.getpid()), folder, *sys.argv])


def wait_for_another_try() -> None:
    """End a worker that could not load code that just changed again, so that a next one tries.

    By its own exit code gunicorn would end the whole service.
    """
    time.sleep(INTERVAL)
    os._exit(1)


def modification_times(folder: Path) -> Times:
    """Tell when each Python file below the folder was last written, in nanoseconds."""
    times = {}
    for file in folder.rglob("*.py"):
        try:
            times[file] = file.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # between two saves of an editor
    return times


def watch(server: int, folder: Path, command: list[str]) -> None:
    """Tell a server of changes that can be loaded, for as long as it is the parent.

    ``server`` is its process id, and ``command`` what it was started with.
    """
    known = modification_times(folder)
    while os.getppid() == server:
        time.sleep(INTERVAL)
        now = modification_times(folder)
        if now != known:
            known = now
            _take(server, command)


def _take(server: int, command: list[str]) -> None:
    check = subprocess.run(
        [sys.executable, *command, "--check-config"], capture_output=True, text=True, check=False
    )
    if check.returncode == 0:
        _log.info("the code changed: new workers take over")
        os.kill(server, signal.SIGHUP)
    else:
        reason = (check.stderr or check.stdout).strip().splitlines()
        last = reason[-1] if reason else "no reason given"
        _log.info("the code changed, but does not load: %s", last)


if __name__ == "__main__":
    logging.config.dictConfig(logs.configuration())
    watch(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
