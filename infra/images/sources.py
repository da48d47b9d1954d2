"""Limits of a source folder: told at preview, in one line, before anything is built."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator

from webstack.contract import plain_text
from webstack.docker.archiving import archives_here
from webstack.docker.build_context import Entry
from webstack.docker.context_digest import Content
from webstack.docker.errors import ContextError

MOST_FILES = 50_000
MOST_BYTES = 2 * 2**30
_WAY_OUT = "name in .dockerignore what the image does not need"
_SCRIPT_OF_WINDOWS = re.compile(rb"#![^\n]*\r\n")


def acceptable(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Give the entries one by one; raises ContextError at the first that no image should hold."""
    size = 0
    for number, entry in enumerate(entries, 1):
        _check(entry)
        size += entry.size if stat.S_ISREG(entry.mode) else 0
        if number > MOST_FILES:
            raise ContextError(f"it has more than {MOST_FILES} files; {_WAY_OUT}")
        if size > MOST_BYTES:
            raise ContextError(f"its files have more than {MOST_BYTES >> 30} GiB; {_WAY_OUT}")
        yield entry


def check_script(content: Content) -> None:
    """Raise ContextError for a script that cannot start: its interpreter's name ends in CR."""
    if _SCRIPT_OF_WINDOWS.match(content.begin):
        raise ContextError(
            f"the script {shown(content.entry.name)} has the line ends of Windows, so that it "
            "cannot start; write `* text=auto eol=lf` to .gitattributes, or set core.autocrlf to "
            "false, and check it out again"
        )


def shown(name: str) -> str:
    """Give a file's name for a line of text; bytes that are no letters are escaped."""
    return plain_text.line(os.fsencode(name).decode("utf-8", "backslashreplace"))


def _check(entry: Entry) -> None:
    name = shown(entry.name)
    if not (entry.is_folder or stat.S_ISREG(entry.mode) or stat.S_ISLNK(entry.mode)):
        kind = "pipe" if stat.S_ISFIFO(entry.mode) else "device"
        raise ContextError(f"{name} is a {kind}; remove it, or name it in .dockerignore")
    if not _is_text(entry.name):
        raise ContextError(f"the name {name} is not UTF-8; rename it, or name it in .dockerignore")
    if not entry.sent_by_all and not archives_here():
        raise ContextError(
            f".dockerignore takes in {name} below a folder that it leaves out, where "
            "pulumi-docker does not look; take in the folders above it too, each with a line of "
            "its own before that one, or run `webstack up --engine embedded`"
        )


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
