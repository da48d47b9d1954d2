"""What was run by hand in a stack, and by whom: lines of a file of this machine."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from webstack.cli.review.values import SECRET, redacted
from webstack.contract import plain_text, secret_signs

_MOST = 1 << 20
"""Bytes of the file's end that are read."""
_LONGEST = 300
_APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW


def note(root: Path, stack: str, kind: str, what: str, words: Sequence[str], code: int) -> None:
    """Add a line: what was run in which part of the stack, and how it ended.

    What looks like a secret is left out. A project that cannot be written to has none.
    """
    line = {
        "startTime": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "kind": kind,
        "result": "succeeded" if code == 0 else f"exit code {code}",
        "message": f"{what}: {shown(words)} ({_user()})",
    }
    path = _path(root, stack)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, _APPENDING, 0o600), "a") as file:
            file.write(json.dumps(line) + "\n")
    except OSError:
        return


def notes(root: Path, stack: str) -> Iterator[Mapping[str, Any]]:
    """Read the lines, oldest first; what cannot be read is passed over."""
    try:
        with _path(root, stack).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _MOST))
            lines = file.read(_MOST).splitlines()
    except OSError:
        return
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def shown(words: Sequence[str]) -> str:
    """Give a command as it may be kept: in one line, bounded, without what looks like a secret."""
    told = []
    secret_follows = False
    for word in words:
        name, equals, value = word.partition("=")
        if equals and secret_signs.suspicion(name.lstrip("-"), value):
            told.append(f"{name}={SECRET}")
        elif secret_follows or secret_signs.form(word, ""):
            told.append(SECRET)
        else:
            told.append(word)
        secret_follows = (
            not equals
            and word.startswith("-")
            and secret_signs.is_named(word.lstrip("-"), "x" * 12)
        )
    return plain_text.line(redacted(" ".join(told)))[:_LONGEST]


def _path(root: Path, stack: str) -> Path:
    return root / ".state" / "audit" / f"{stack}.jsonl"


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
