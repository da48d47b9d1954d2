"""Computes the digest that names an image: the same archive has the same, whatever its times."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from webstack.docker.build_context import Entry, Sending
from webstack.docker.errors import ContextError
from webstack.docker.ignore_file import read_small

_CHUNK: Final = 1 << 18
_BEGIN: Final = 256


class Content(msgspec.Struct, frozen=True):
    """Holds an entry with the digest of all that an archive says of it except times.

    ``begin`` is how a regular file begins.
    """

    entry: Entry
    digest: bytes
    begin: bytes


def contents(entries: Iterable[Entry]) -> Iterator[Content]:
    """Read each entry; raises ContextError where one cannot be read."""
    for entry in entries:
        try:
            body, begin = _body(entry)
        except OSError as error:
            raise ContextError(f"{entry.name!r} cannot be read: {error.strerror}") from error
        header = f"{entry.mode:o}".encode(), os.fsencode(entry.name)
        yield Content(entry, hashlib.sha256(b"\0".join([*header, body])).digest(), begin)


def dockerfile_digest(sending: Sending) -> bytes:
    """Return the digest of the Dockerfile and of its place in the context, if it has one.

    Raises ContextError where it cannot be read.
    """
    try:
        content = read_small(sending.dockerfile)
    except FileNotFoundError:
        raise ContextError(f"{sending.dockerfile} is not there") from None
    place = b"" if sending.is_outside else os.fsencode(sending.name)
    return hashlib.sha256(b"\0".join([place, hashlib.sha256(content).digest()])).digest()


def _body(entry: Entry) -> tuple[bytes, bytes]:
    if stat.S_ISLNK(entry.mode):
        return os.fsencode(os.readlink(entry.path)), b""  # noqa: PTH115 - the text is what counts
    if not stat.S_ISREG(entry.mode):
        return b"", b""
    digest, begin = hashlib.sha256(), b""
    with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123 - a plain path, and many
        while chunk := file.read(_CHUNK):
            begin = begin or chunk[:_BEGIN]
            digest.update(chunk)
    return digest.digest(), begin
