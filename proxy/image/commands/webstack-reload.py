#!/usr/bin/python3
"""webstack-reload: check nginx.conf and take it into use; returns when no old worker accepts.

Clients are first made to leave their idle connections, so that the reload cuts none in use.
"""

import contextlib
import fcntl
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
    LOADED,
    remember,
)
from webstack_gate import held  # type: ignore[import-not-found]  # beside this file
from webstack_tickets import rotate  # type: ignore[import-not-found]  # beside this file
from webstack_workers import workers  # type: ignore[import-not-found]  # beside this file

PID_FILE = Path("/run/nginx/nginx.pid")
LOCK = "/run/nginx/reload.lock"
REFUSALS = Path("/run/nginx/refusals.log")
"""Where nginx also says why it goes on with the configuration before: at the level `emerg`."""
LONGEST = 10.0


def reload(master: int) -> str:
    """Have new workers follow the old ones; gives why they have not, or nothing."""
    old = workers(master)
    if REFUSALS.exists():
        os.truncate(REFUSALS, 0)
    os.kill(master, signal.SIGHUP)
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        now = workers(master)
        if now and not now & old:
            return ""
        if said := refusal():
            return said
        time.sleep(0.02)
    return f"it did not within {LONGEST:g} s"


def refusal() -> str:
    """Give the first whole line that nginx has said since the file was emptied."""
    with contextlib.suppress(OSError):
        line, end, _ = REFUSALS.read_text(errors="replace").partition("\n")
        # Before it stands which process says it: 15#15.
        return line.partition("[emerg] ")[2].partition(": ")[2] if end else ""
    return ""


def main() -> None:
    """Check, make clients leave, reload."""
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    rotate()
    checked = subprocess.run(["nginx", "-q", "-t", "-c", CONFIGURATION], check=False)
    if checked.returncode:
        sys.exit(checked.returncode)
    try:
        text = CONFIGURATION.read_bytes()
        # Only with TLS there is HTTP/2; what was in force before may have had it, too.
        encrypted = b"ssl_session_ticket_key" in text + LOADED.read_bytes()
        with held() if close_gently() and encrypted else contextlib.nullcontext():
            problem = reload(int(PID_FILE.read_text()))
    finally:
        FLAG.unlink(missing_ok=True)
    if problem:
        sys.exit(f"nginx did not take {CONFIGURATION} into use: {problem}")
    remember(text)


if __name__ == "__main__":
    main()
