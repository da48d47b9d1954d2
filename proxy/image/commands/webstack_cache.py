"""Generations of the caches of services, and a flag while the memory of one is nearly full.

A part of each key is the generation: files, one for each bit that is set. A release and a purge
change one bit, so that nothing of the time before is found any more, and then remove it. An answer
that was on its way meanwhile is kept under the generation that it was asked in.
"""

import contextlib
import fcntl
import os
import time
from pathlib import Path

RUNTIME = Path("/run/nginx")
BITS = 4
PAUSE = 0.05
NEEDED = 0.5


def services(runtime: Path = RUNTIME) -> list[str]:
    """Those that have a cache."""
    return sorted(each.name.removeprefix("cache-") for each in runtime.glob("cache-*"))


def turn(service: str, runtime: Path = RUNTIME) -> None:
    """Begin another generation, and remove what is kept."""
    lock = os.open(runtime / "caches.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        flag = runtime / f"generation-{service}.{_next_bit(service, runtime)}"
        if flag.exists():
            flag.unlink()
        else:
            flag.touch()
        for folder, _, files in os.walk(runtime / f"cache-{service}"):
            for name in files:
                with contextlib.suppress(FileNotFoundError):
                    (Path(folder) / name).unlink()
    finally:
        os.close(lock)


def keep_room(runtime: Path = RUNTIME) -> None:
    """Say for ever which memory has no room: then nothing more is kept in it."""
    while True:
        with contextlib.suppress(OSError):
            look(runtime)
        time.sleep(PAUSE)


def look(runtime: Path = RUNTIME) -> None:
    """Set and take away the flags once."""
    for service in services(runtime):
        flag = runtime / f"full-{service}"
        if _room(runtime / f"cache-{service}") < NEEDED:
            flag.touch()
        else:
            flag.unlink(missing_ok=True)


def _next_bit(service: str, runtime: Path) -> int:
    """The bit of a Gray code that changes: no state between two generations is a third one."""
    flags = [(runtime / f"generation-{service}.{bit}").exists() for bit in range(BITS)]
    if sum(flags) % 2 == 0:
        return 0
    return min(flags.index(True) + 1, BITS - 1)


def _room(folder: Path) -> float:
    found = os.statvfs(folder)
    return found.f_bavail / max(1, found.f_blocks)
