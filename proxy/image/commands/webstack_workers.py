"""The processes of nginx that accept connections."""

import time
from pathlib import Path


def workers(master: int) -> set[int]:
    """Those of this first process that have not been told to end."""
    try:
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    except OSError:
        return set()
    return {int(child) for child in children if _accepts(int(child))}


def wait_until_gone(master: int, old: set[int], seconds: float) -> bool:
    """Wait until none of these accepts any more; false where that takes too long."""
    end = time.monotonic() + seconds
    while workers(master) & old:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _accepts(worker: int) -> bool:
    try:
        title = Path(f"/proc/{worker}/cmdline").read_text()
    except OSError:
        return False
    return "shutting down" not in title
