"""Writes the archive of a build context as it is sent to the daemon."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Final

from webstack.docker import archives
from webstack.docker.build_context import Sending

_OUTSIDE: Final = ".dockerfile.webstack"
_File = tuple[tarfile.TarInfo, "IO[bytes] | None"]


def write_archive(sending: Sending) -> tuple[IO[bytes], str]:
    """Return the context as a tar file, owned by root, and the Dockerfile's name in it.

    Raises ContextError, or OSError where a file cannot be read.
    """
    buffer = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads and closes it
    files = _of_context(sending)
    if sending.is_outside:
        files = chain(files, _from_outside(sending.context, sending.dockerfile))
    archives.write(buffer, files)
    return buffer, _OUTSIDE if sending.is_outside else sending.name


def _of_context(sending: Sending) -> Iterator[_File]:
    # Of all files together, so that a second name of a file is a link to the first.
    described = tarfile.open(fileobj=io.BytesIO(), mode="w")  # noqa: SIM115 - it is never written
    for entry in sending.entries():
        if sending.is_outside and entry.name == ".dockerignore":
            continue
        header = described.gettarinfo(entry.path, entry.name)
        _own_by_root(header)
        if header.isreg():
            with open(entry.path, "rb") as content:  # noqa: PTH123 - a plain path, and many of them
                yield header, content
        else:
            yield header, None


def _from_outside(context: Path, dockerfile: Path) -> Iterator[_File]:
    """Give a Dockerfile from elsewhere under a name that the context's ``COPY .`` leaves out."""
    ignore = context / ".dockerignore"
    lines = ignore.read_bytes() if ignore.exists() else b""
    ignored = b"%s\n.dockerignore\n%s\n" % (lines, _OUTSIDE.encode())
    for added, content in ((_OUTSIDE, dockerfile.read_bytes()), (ignore.name, ignored)):
        yield archives.header(added, len(content), mode=0o600), io.BytesIO(content)


def _own_by_root(header: tarfile.TarInfo) -> None:
    """Remove what depends on the machine, and fractions of seconds.

    Those need an extended header, and one at the very beginning hides from BuildKit that it is
    an archive that it gets.
    """
    header.mtime = int(header.mtime)
    header.uid = header.gid = 0
    header.uname = header.gname = ""
