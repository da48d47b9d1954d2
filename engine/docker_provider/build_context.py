"""The files of a build context: walked once for the digest, and again for the archive."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from ..provider import ProviderError
from .dockerignore import IgnoreRules, Matched, read_ignore_file


class Entry(msgspec.Struct, frozen=True):
    """A file, directory or link below the context; ``name`` is relative, with ``/``."""

    path: str
    name: str
    mode: int


def walk(context: Path, rules: IgnoreRules) -> Iterator[Entry]:
    """Give what is not left out, in lexical order, each directory before its content."""
    return _walk(str(context), "", rules, None)


def _walk(context: str, folder: str, rules: IgnoreRules, parent: Matched | None) -> Iterator[Entry]:
    try:
        names = sorted(os.listdir(f"{context}/{folder}"), key=os.fsencode)  # noqa: PTH208 - names only
    except OSError as error:
        raise ProviderError(f"build context {context}: {error.strerror}: {folder}") from error
    for entry_name in names:
        name = f"{folder}/{entry_name}" if folder else entry_name
        ignored, matched = rules.match(name, parent)
        path = f"{context}/{name}"
        mode = os.lstat(path).st_mode
        if not ignored:
            yield Entry(path, name, mode)
        if stat.S_ISDIR(mode) and not (ignored and rules.may_prune(name)):
            yield from _walk(context, name, rules, matched)


def relative_dockerfile(context: Path, dockerfile: Path) -> str:
    """Give the Dockerfile's path from the context; it begins with ``../`` outside of it."""
    return os.path.relpath(dockerfile.resolve(), context.resolve()).replace(os.sep, "/")


def write_archive(context: Path, dockerfile: Path) -> tuple[IO[bytes], str]:
    """Give the context as a tar file, owned by root, and the Dockerfile's name in it."""
    name = relative_dockerfile(context, dockerfile)
    lines = read_ignore_file(context, dockerfile)
    rules = IgnoreRules(lines)
    # Docker needs these two even where they are left out of the image.
    needed = [f"!{path}" for path in (".dockerignore", name) if rules.ignores(path)]
    rules = IgnoreRules([*lines, *needed])
    buffer = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads and closes it
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        outside = name.startswith("../")
        for entry in walk(context, rules):
            if not (outside and entry.name == ".dockerignore"):
                _add(tar, entry)
        if outside:
            name = _add_from_outside(tar, context, dockerfile)
    buffer.seek(0)
    return buffer, name


def _add(tar: tarfile.TarFile, entry: Entry) -> None:
    if stat.S_ISSOCK(entry.mode):
        return
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
    lines = ignore.read_text() if ignore.exists() else ""
    for added, content in ((name, dockerfile.read_bytes()), (ignore.name, _lines(lines, name))):
        header = tarfile.TarInfo(added)
        header.size, header.mode = len(content), 0o600
        tar.addfile(header, io.BytesIO(content))
    return name


def _lines(text: str, added: str) -> bytes:
    return f"{text}\n.dockerignore\n{added}\n".encode()


def _own_by_root(header: tarfile.TarInfo) -> None:
    """Leave out what depends on the machine, and fractions of seconds.

    Those need an extended header, and one at the very beginning hides from BuildKit that it is
    an archive that it gets.
    """
    header.mtime = int(header.mtime)
    header.uid = header.gid = 0
    header.uname = header.gname = ""
