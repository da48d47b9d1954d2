"""Reads the ignore file of a build context."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import Final

from webstack.contract.bounded_files import UnreadableError, read_regular
from webstack.docker.errors import ContextError

LIMIT: Final = 1 << 20
_BOM: Final = b"\xef\xbb\xbf"
# What Go takes for blanks.
_BLANKS: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def read_ignore_file(context: Path, dockerfile: Path) -> list[str]:
    """Return the patterns of ``<Dockerfile>.dockerignore``, else of the context's own file.

    Raises ContextError where it cannot be read.
    """
    for path in (
        dockerfile.with_name(f"{dockerfile.name}.dockerignore"),
        context / ".dockerignore",
    ):
        try:
            return parse_ignore_file(read_small(path))
        except FileNotFoundError:
            continue
    return []


def read_small(path: Path) -> bytes:
    """Return the content of a small text file; raises ContextError, FileNotFoundError."""
    try:
        return read_regular(path, LIMIT)
    except UnreadableError as error:
        raise ContextError(f"{path} cannot be read: {error}") from None


def parse_ignore_file(content: bytes) -> list[str]:
    """Return the patterns, relative to the context; ``!`` stays in front."""
    lines = os.fsdecode(content.removeprefix(_BOM)).split("\n")
    patterns = (line.strip(_BLANKS) for line in lines if not line.startswith("#"))
    return [_relative(pattern) for pattern in patterns if pattern]


def cleaned(path: str) -> str:
    """Return the shortest path that means the same; "." for an empty one."""
    shortest = posixpath.normpath(path)
    return shortest[1:] if shortest.startswith("//") else shortest


def _relative(line: str) -> str:
    mark = "!" if line.startswith("!") else ""
    pattern = line.removeprefix("!").strip(_BLANKS) if mark else line
    path = cleaned(pattern) if pattern else ""
    return mark + (path[1:] if len(path) > 1 and path.startswith("/") else path)
