"""Keys of TLS session tickets: files that every nginx of the stack reads, one after the other.

A ticket that one nginx gave is understood by the next. The newer key encrypts; the older one goes
on to decrypt for as long again.
"""

import contextlib
import os
import time
from pathlib import Path

NEW = Path("/etc/webstack/tickets.new.key")
OLD = Path("/etc/webstack/tickets.old.key")
DAY = 86400.0
_BYTES = 80


def age() -> float:
    """Seconds since the newer key was made; endless without one."""
    with contextlib.suppress(OSError):
        return time.time() - NEW.stat().st_mtime
    return float("inf")


def rotate() -> None:
    """Make a key where the last one is a day old; without any, two."""
    if OLD.exists() and age() < DAY:
        return
    _write(OLD, NEW.read_bytes() if NEW.exists() else os.urandom(_BYTES))
    _write(NEW, os.urandom(_BYTES))


def _write(path: Path, key: bytes) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
    draft.replace(path)
