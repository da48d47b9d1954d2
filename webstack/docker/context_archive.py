"""Writes the archive of a build context as it is sent to the daemon."""

from __future__ import annotations

import io
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from webstack.docker.build_context import Entry, Sending


def write_archive(sending: Sending) -> tuple[IO[bytes], str]:
    """Return the context as a tar file, owned by root, and the Dockerfile's name in it.

    Raises ContextError, or OSError where a file cannot be read.
    """
    buffer = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads and closes it
    name = sending.name
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in sending.entries():
            if not (sending.is_outside and entry.name == ".dockerignore"):
                _add(tar, entry)
        if sending.is_outside:
            name = _add_from_outside(tar, sending.context, sending.dockerfile)
    buffer.seek(0)
    return buffer, name


def _add(tar: tarfile.TarFile, entry: Entry) -> None:
    header = tar.gettarinfo(entry.path, entry.name)
    _own_by_root(header)
    if header.isreg():
        with open(entry.path, "rb") as content:  # noqa: PTH123 - a plain path, and many of them
            tar.addfile(header, content)
    else:
        tar.addfile(header)


def _add_from_outside(tar: tarfile.TarFile, context: Path, dockerfile: Path) -> str:
    """Add a Dockerfile from elsewhere under a name that the context's ``COPY .`` leaves out."""
    name = ".dockerfile.webstack"
    ignore = context / ".dockerignore"
    lines = ignore.read_bytes() if ignore.exists() else b""
    ignored = b"%s\n.dockerignore\n%s\n" % (lines, name.encode())
    for added, content in ((name, dockerfile.read_bytes()), (ignore.name, ignored)):
        header = tarfile.TarInfo(added)
        header.size, header.mode = len(content), 0o600
        tar.addfile(header, io.BytesIO(content))
    return name


def _own_by_root(header: tarfile.TarInfo) -> None:
    """Remove what depends on the machine, and fractions of seconds.

    Those need an extended header, and one at the very beginning hides from BuildKit that it is
    an archive that it gets.
    """
    header.mtime = int(header.mtime)
    header.uid = header.gid = 0
    header.uname = header.gname = ""
