#!/usr/bin/python3
"""webstack-reload: check nginx.conf and take it into use; returns when no old worker accepts.

Clients are first made to leave their idle connections, so that the reload cuts none in use.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from webstack_closing import (  # type: ignore[import-not-found]  # beside this file
    FLAG,
    close_gently,
)
from webstack_configuration import (  # type: ignore[import-not-found]  # beside this file
    CONFIGURATION,
    remember,
)

PID_FILE = Path("/run/nginx/nginx.pid")
LONGEST = 10.0


def workers(master: int) -> set[int]:
    """The processes that accept connections."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return {int(child) for child in children if _accepts(int(child))}


def _accepts(worker: int) -> bool:
    try:
        title = Path(f"/proc/{worker}/cmdline").read_text()
    except OSError:
        return False
    return "shutting down" not in title


def reload(master: int) -> bool:
    """Have new workers follow the old ones; true when they have."""
    old = workers(master)
    os.kill(master, signal.SIGHUP)
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        now = workers(master)
        if now and not now & old:
            return True
        time.sleep(0.02)
    return False


def main() -> None:
    """Check, make clients leave, reload."""
    checked = subprocess.run(["nginx", "-q", "-t", "-c", CONFIGURATION], check=False)
    if checked.returncode:
        sys.exit(checked.returncode)
    try:
        close_gently()
        text = CONFIGURATION.read_bytes()
        done = reload(int(PID_FILE.read_text()))
    finally:
        FLAG.unlink(missing_ok=True)
    if not done:
        sys.exit(f"nginx did not take {CONFIGURATION} into use within {LONGEST:g} s")
    remember(text)


if __name__ == "__main__":
    main()
