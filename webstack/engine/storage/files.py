"""Writes files so that a crash leaves the old or the new content, never a mixture."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from webstack.contract import bounded_files
from webstack.engine.model.errors import BackendError
from webstack.engine.storage.privacy import Access

REMEDY: Final = "Make room or give the right to write there, then run the command again"


def write(
    path: Path,
    text: str,
    *,
    durable: bool = True,
    scratch: Path | None = None,
    access: Access | None = None,
) -> None:
    """Replace a file's content through a temporary file, beside it or in ``scratch``.

    ``durable`` also waits until the content and the new name are on disk. Without ``access`` the
    file may be read by whoever could read the one before it, and a new one by whom the umask says.
    """
    temporary = (scratch or path.parent) / f".{path.name}.{uuid.uuid4().hex}.tmp"
    try:
        for folder in (path.parent, temporary.parent):
            _make(folder, access)
        with created(temporary, access.file if access else _mode(path)) as file:
            file.write(text.encode())
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise BackendError(
            f"cannot write {path}: {error.strerror or error}; the file is as it was before. "
            f"{REMEDY}"
        ) from error


@contextmanager
def created(path: Path, mode: int | None) -> Iterator[BinaryIO]:
    """Open a new file that has its mode from the beginning; without a mode the umask sets it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(path, flags, 0o666 if mode is None else mode & 0o700)
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        yield file


def read(path: Path, limit: int = bounded_files.LARGEST) -> bytes:
    """Read a file; raises BackendError with its name, also for more than ``limit`` bytes."""
    try:
        return bounded_files.read_any(path, limit)
    except OSError as error:
        raise BackendError(f"cannot read {path}: {error.strerror or error}") from error


def remove(path: Path) -> None:
    """Remove a file that may be gone already; raises BackendError with its name."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise BackendError(f"cannot remove {path}: {error.strerror or error}. {REMEDY}") from error


def make_folder(path: Path, access: Access | None = None) -> None:
    """Make a folder and its parents unless they exist; raises BackendError with its name."""
    try:
        _make(path, access)
    except OSError as error:
        raise BackendError(f"cannot make {path}: {error.strerror or error}. {REMEDY}") from error


def _make(path: Path, access: Access | None) -> None:
    if access is None:
        path.mkdir(parents=True, exist_ok=True)
    elif not path.is_dir():
        _make(path.parent, access)
        try:
            path.mkdir(mode=access.folder & 0o700)
        except FileExistsError:
            path.mkdir(exist_ok=True)  # fine if another run was faster, and not if it is a file
        else:
            path.chmod(access.folder)


def _mode(path: Path) -> int | None:
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    return None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
