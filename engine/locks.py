"""Locks of the file backend, in the CLI's protocol: list, write one's own, list again.

A lock whose holder has died on this very host is taken over, with a notice. Every other lock is
respected: nobody can know here whether its holder still lives.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec

from . import files, processes
from .backend import BOOKKEEPING, Backend
from .errors import BackendError, LockedError


class Lock(msgspec.Struct, frozen=True):
    """One lock file and what it says of its holder."""

    path: Path
    pid: int
    username: str
    hostname: str
    timestamp: str
    process: str = ""

    def __str__(self) -> str:
        when = f"{self.timestamp.partition('.')[0].rstrip('Z')}Z" if self.timestamp else "?"
        return (
            f"file://{self.path}: created by {self.username}@{self.hostname} "
            f"(pid {self.pid}) at {when}"
        )


@contextmanager
def held(backend: Backend, stack: str, notice: Callable[[str], None]) -> Iterator[Path]:
    """Hold the stack's lock; raises LockedError when another run does."""
    folder = backend.locks(stack)
    _free(folder, None, notice)
    own = folder / f"{uuid.uuid4()}.json"
    # Whatever lies in the folder counts as a lock to the CLI, even a temporary file.
    scratch = backend.folder / BOOKKEEPING
    files.write(own, json.dumps(_content(), separators=(",", ":")), durable=False, scratch=scratch)
    try:
        _free(folder, own, notice)
        yield own
    finally:
        files.remove(own)


def release_stale(backend: Backend, stack: str, notice: Callable[[str], None]) -> None:
    """Remove the locks whose holders have died on this host, for whoever is to hold it next."""
    _foreign(backend.locks(stack), None, notice)


def remove_all(backend: Backend, stack: str) -> int:
    """Remove every lock of a stack, whoever holds it; gives how many there were."""
    locks = list_locks(backend.locks(stack))
    for lock in locks:
        files.remove(lock.path)
    return len(locks)


def list_locks(folder: Path) -> list[Lock]:
    """Read all lock files in a folder."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(_read(path))
        except FileNotFoundError:
            continue  # released between listing and reading
    return found


def _free(folder: Path, own: Path | None, notice: Callable[[str], None]) -> None:
    foreign = _foreign(folder, own, notice)
    if foreign:
        lines = "".join(f"\n  {lock}" for lock in foreign)
        raise LockedError(
            f"the stack is currently locked by {len(foreign)} lock(s). Either wait for the other "
            f"process(es) to end or delete the lock file with `webstack cancel`.{lines}"
        )


def _foreign(folder: Path, own: Path | None, notice: Callable[[str], None]) -> list[Lock]:
    """The locks of others, those left out whose holders have died: these are removed."""
    foreign = []
    for lock in list_locks(folder):
        if lock.path == own:
            continue
        if _is_stale(lock):
            files.remove(lock.path)
            notice(f"took over the lock of an ended run (pid {lock.pid}, {lock.timestamp})")
        else:
            foreign.append(lock)
    return foreign


def _read(path: Path) -> Lock:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        return Lock(
            path,
            int(content["pid"]),
            str(content.get("username", "?")),
            str(content.get("hostname", "?")),
            str(content.get("timestamp", "")),
            str(content.get("process", "")),
        )
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BackendError(f"cannot read the lock {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        return Lock(path, 0, "?", "?", "")


def _is_stale(lock: Lock) -> bool:
    if lock.hostname != socket.gethostname() or lock.pid <= 0:
        return False
    if not processes.exists(lock.pid):
        return True
    if lock.process:
        return processes.identity(lock.pid) != lock.process
    started = processes.start_time(lock.pid)
    if started is None:
        return False
    taken = processes.parse_time(lock.timestamp)
    return taken is not None and started > taken + processes.CLOCK_SLACK


def _content() -> dict[str, Any]:
    now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    try:
        username = getpass.getuser()
    except (KeyError, OSError):
        username = str(os.getuid())
    content: dict[str, Any] = {
        "pid": os.getpid(),
        "username": username,
        "hostname": socket.gethostname(),
        "timestamp": now,
    }
    # Beyond what the CLI writes, and reads: tells this process from a later one of its number.
    process = processes.identity(os.getpid())
    return {**content, "process": process} if process else content
