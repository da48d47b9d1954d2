"""Computes the digest by which the Pulumi provider notices a changed build context.

It covers names, modes and content of what Docker would be sent; times do not count.
"""

from __future__ import annotations

import errno
import hashlib
import os
import posixpath
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from webstack.docker.build_context import Entry, walk
from webstack.docker.errors import ContextError
from webstack.docker.ignore_file import read_ignore_file
from webstack.docker.ignore_rules import IgnoreRules
from webstack.engine.model.provider import ProviderError

_CHUNK: Final = 1 << 18
_NO_MODE: Final = "-" * 10


def context_digest(context: str, dockerfile: str) -> str:
    """Return the digest of a context and its Dockerfile, whose name and place do not count."""
    digest = hashlib.sha256()
    try:
        rules = IgnoreRules(read_ignore_file(Path(context), Path(dockerfile)))
        digest.update(b"Dockerfile" + _NO_MODE.encode() + _content(dockerfile) + b"\0")
        for line in _lines(walk(Path(context), rules)):
            digest.update(line)
    except ContextError as error:
        raise ProviderError(str(error)) from error
    except OSError as error:
        raise ProviderError(
            f"build context {context}: {error.filename}: {error.strerror}"
        ) from error
    return digest.hexdigest()


def _lines(entries: Iterator[Entry]) -> Iterator[bytes]:
    """Yield a line for each file. Like the provider, stop in a folder at a broken link."""
    given_up: str | None = None
    for entry in entries:
        if given_up is not None and entry.name.startswith(given_up):
            continue
        if stat.S_ISDIR(entry.mode):
            continue
        try:
            yield _line(entry)
        except (FileNotFoundError, NotADirectoryError):
            folder, slash, _ = entry.name.rpartition("/")
            given_up = folder + slash


def _line(entry: Entry) -> bytes:
    content = hashlib.sha256().digest()
    if stat.S_ISREG(entry.mode):
        content = _content(entry.path)
    elif stat.S_ISLNK(entry.mode):
        content = hashlib.sha256(os.fsencode(resolve_links(entry.path))).digest()
    return os.fsencode(entry.name) + go_mode(entry.mode).encode() + content + b"\0"


def _content(path: str) -> bytes:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a plain path, and many of them
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()


def go_mode(mode: int) -> str:
    """Write a mode as Go does: ``-rw-r--r--``, ``Lrwxrwxrwx``, ``urwxr-xr-x``."""
    letters = {
        stat.S_IFLNK: "L", stat.S_IFIFO: "p", stat.S_IFSOCK: "S",
        stat.S_IFBLK: "D", stat.S_IFCHR: "Dc", stat.S_IFDIR: "d",
    }  # fmt: skip
    special = [(stat.S_ISUID, "u"), (stat.S_ISGID, "g"), (stat.S_ISVTX, "t")]
    kind = letters.get(stat.S_IFMT(mode), "") + "".join(sign for bit, sign in special if mode & bit)
    bits = "".join(sign if mode >> 8 - at & 1 else "-" for at, sign in enumerate("rwxrwxrwx"))
    return (kind or "-") + bits


def resolve_links(path: str) -> str:
    """Follow all links in a path; it stays relative unless an absolute link is among them."""
    pending, done, followed = path.split("/")[::-1], "/" if path.startswith("/") else "", 0
    while pending:
        part = pending.pop()
        if part in ("", "."):
            continue
        done = posixpath.normpath(posixpath.join(done, part))
        if part == ".." or not stat.S_ISLNK(os.lstat(done).st_mode):
            continue
        followed += 1
        if followed > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = os.readlink(done)  # noqa: PTH115 - text is what is hashed
        done = "/" if target.startswith("/") else posixpath.dirname(done)
        pending += target.split("/")[::-1]
    return done or "."


_MOST_LINKS: Final = 255
