"""Writing files so that a crash leaves either the old or the new content, never a mixture."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

from .errors import BackendError

REMEDY: Final = "Make room or give the right to write there, then run the command again"


def write(path: Path, text: str, *, durable: bool = True, scratch: Path | None = None) -> None:
    """Replace a file's content by way of a temporary file, beside it or in ``scratch``.

    ``durable`` also waits until the content and the new name are on disk.
    """
    temporary = (scratch or path.parent) / f".{path.name}.{uuid.uuid4().hex}.tmp"
    try:
        for folder in (path.parent, temporary.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
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


def read(path: Path) -> bytes:
    """Read a file, with an error that names it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BackendError(f"cannot read {path}: {error.strerror or error}") from error


def remove(path: Path) -> None:
    """Remove a file that may be gone already, with an error that names it."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise BackendError(f"cannot remove {path}: {error.strerror or error}. {REMEDY}") from error


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, unless it is there; with an error that names it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackendError(f"cannot make {path}: {error.strerror or error}. {REMEDY}") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
