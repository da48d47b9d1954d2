"""Names the files of the keeper: those that nginx reads, and those that it alone may read."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

CERTIFICATES = Path("/run/webstack/certificates")
SITE = CERTIFICATES / "site.pem"
CHALLENGES = CERTIFICATES / "challenges"
STATUS = CERTIFICATES / "status.json"
ACCOUNT = Path("/var/lib/webstack/account")
KEY = ACCOUNT / "account.pem"
ISSUED = ACCOUNT / "certificate.pem"
ASKED = ACCOUNT / "asked"
"""Younger than the last try: somebody wants one now."""
_ROOM = 64 << 10


def write(path: Path, content: bytes, mode: int) -> None:
    """Put a whole file in its place, by one rename, with what it says on the disk before."""
    draft = path.with_name(f"{path.name}.next")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(mode)
    draft.replace(path)


def make_room() -> None:
    """Raise OSError unless a certificate can be written: one that is lost counts as issued."""
    for directory in (ACCOUNT, CERTIFICATES):
        room = directory / "room"
        try:
            write(room, bytes(_ROOM), 0o600)
        finally:
            room.unlink(missing_ok=True)
            room.with_name("room.next").unlink(missing_ok=True)


def read(path: Path) -> bytes:
    """Give what a file says; nothing where there is none, or none for the keeper."""
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def tell(status: dict[str, Any]) -> None:
    """Say how the certificate is, for whoever asks nginx's volume."""
    write(STATUS, json.dumps(status).encode(), 0o644)


def answer(token: str, content: str) -> Path:
    """Lay the answer to a challenge where nginx serves it."""
    CHALLENGES.mkdir(mode=0o2750, exist_ok=True)
    path = CHALLENGES / token
    write(path, content.encode(), 0o640)
    return path
