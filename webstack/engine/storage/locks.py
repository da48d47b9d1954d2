"""Locks the file backend by the CLI's protocol: list locks, write one's own, list again.

A lock whose holder has died on this very host is taken over, with a notice. Every other lock is
respected: nobody can know here whether its holder still lives. The CLI does not say in which
namespace its process has its number, so whoever runs it leaves a note.
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
from msgspec.structs import replace

from webstack.contract import bounded_files
from webstack.engine.model.errors import BackendError, LockedError
from webstack.engine.storage import files, processes
from webstack.engine.storage.backend import BOOKKEEPING, StateBackend
from webstack.engine.storage.liveness import Holder, has_died


class Lock(msgspec.Struct, frozen=True):
    """Holds one lock file and what it says of its holder."""

    path: Path
    pid: int
    username: str
    hostname: str
    timestamp: str
    process: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        when = f"{self.timestamp.partition('.')[0].rstrip('Z')}Z" if self.timestamp else "?"
        return (
            f"file://{self.path}: created by {self.username}@{self.hostname} "
            f"(pid {self.pid}) at {when}"
        )


@contextmanager
def held(backend: StateBackend, stack: str, notice: Callable[[str], None]) -> Iterator[Path]:
    """Hold the stack's lock; raises LockedError when another run does."""
    folder = backend.locks(stack)
    backend.tighten()
    _free(backend, stack, None, notice)
    own = folder / f"{uuid.uuid4()}.json"
    # Whatever lies in the folder counts as a lock to the CLI, even a temporary file.
    scratch = backend.folder / BOOKKEEPING
    content = json.dumps(_content(), separators=(",", ":"))
    files.write(own, content, durable=False, scratch=scratch, access=backend.access)
    try:
        _free(backend, stack, own, notice)
        yield own
    finally:
        files.remove(own)


def release_stale(backend: StateBackend, stack: str, notice: Callable[[str], None]) -> None:
    """Remove locks whose holders have died on this host, for the next holder."""
    _foreign(backend, stack, None, notice)


def remove_all(backend: StateBackend, stack: str) -> int:
    """Remove every lock of a stack, whoever holds it; returns how many there were."""
    locks = list_locks(backend.locks(stack))
    for lock in locks:
        files.remove(lock.path)
    return len(locks)


@contextmanager
def noted(backend: StateBackend, stack: str, pid: int) -> Iterator[None]:
    """Keep a note beside the lock of a child process while it runs: the lock itself says less.

    The note stays where that ends in an exception: the child may have left its lock.
    """
    path = backend.note(stack)
    backend.tighten()
    content = {"pid": pid, **_lasting(pid)}
    files.write(path, json.dumps(content), durable=False, access=backend.access)
    yield
    files.remove(path)


def list_locks(folder: Path) -> list[Lock]:
    """Read all lock files in a folder."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(_read(path))
        except FileNotFoundError:
            continue  # released between listing and reading
    return found


def _free(
    backend: StateBackend, stack: str, own: Path | None, notice: Callable[[str], None]
) -> None:
    foreign = _foreign(backend, stack, own, notice)
    if foreign:
        lines = "".join(f"\n  {lock}" for lock in foreign)
        raise LockedError(
            f"the stack is currently locked by {len(foreign)} lock(s). Either wait for the other "
            f"process(es) to end or delete the lock file with `webstack cancel`.{lines}"
        )


def _foreign(
    backend: StateBackend, stack: str, own: Path | None, notice: Callable[[str], None]
) -> list[Lock]:
    """Return the locks of others. Those whose holders have died are removed."""
    foreign = []
    for lock in list_locks(backend.locks(stack)):
        if lock.path == own:
            continue
        if _is_stale(lock, backend.note(stack)):
            files.remove(lock.path)
            notice(f"took over the lock of an ended run (pid {lock.pid}, {lock.timestamp})")
        else:
            foreign.append(lock)
    return foreign


def _read(path: Path) -> Lock:
    try:
        content: dict[str, Any] = json.loads(bounded_files.read_any(path, bounded_files.SMALL))
        return Lock(
            path,
            int(content["pid"]),
            str(content.get("username", "?")),
            str(content.get("hostname", "?")),
            str(content.get("timestamp", "")),
            str(content.get("process", "")),
            str(content.get("namespace", "")),
        )
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BackendError(f"cannot read the lock {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        return Lock(path, 0, "?", "?", "")


def _is_stale(lock: Lock, note: Path) -> bool:
    if lock.hostname != socket.gethostname():
        return False
    known = lock if lock.namespace else _as_noted(lock, note)
    taken = processes.parse_time(lock.timestamp)
    return has_died(Holder(known.pid, taken, known.process, known.namespace))


def _as_noted(lock: Lock, note: Path) -> Lock:
    """Return the lock with the note's details of its process, if the note is about it."""
    try:
        content = json.loads(note.read_bytes())
        return (
            replace(lock, process=content["process"], namespace=content["namespace"])
            if content["pid"] == lock.pid
            else lock
        )
    except (OSError, ValueError, KeyError, TypeError):
        return lock


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
    # Beyond what the CLI writes, and reads.
    return {**content, **_lasting("self")}


def _lasting(pid: int | str) -> dict[str, str]:
    """Return what tells a process from all others of its number, as far as known."""
    found = {"process": processes.identity(pid), "namespace": processes.namespace()}
    return {key: value for key, value in found.items() if value}
