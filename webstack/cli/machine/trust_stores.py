"""Where this machine keeps the authorities that it trusts, and how one is added to each place."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec


class Store(msgspec.Struct, frozen=True):
    """One place: whom it is for, the file that is put there if any, and the command after it."""

    users: str
    command: tuple[str, ...]
    file: Path | None = None

    def by_hand(self, authority: Path) -> str:
        """Give what a user types who may write there."""
        put = [f"sudo cp {shlex.quote(str(authority))} {shlex.quote(str(self.file))}"]
        sudo = "sudo " if self.file else ""
        return " && ".join([*(put if self.file else []), f"{sudo}{shlex.join(self.command)}"])


_SYSTEM = {
    "update-ca-certificates": "/usr/local/share/ca-certificates/{}.crt",
    "update-ca-trust": "/etc/pki/ca-trust/source/anchors/{}.pem",
}


def stores(
    name: str, authority: Path, home: Path, found: Callable[[str], str | None]
) -> Iterator[Store]:
    """Give the places that this machine has; ``found`` tells where a program is, if anywhere."""
    for program, place in _SYSTEM.items():
        if found(program):
            users = "programs that use the system's store, such as curl"
            yield Store(users, (program,), Path(place.format(name)))
    database = home / ".pki/nssdb"
    if found("certutil") and database.is_dir():
        command = ("certutil", "-d", f"sql:{database}", "-A", "-t", "C,,", "-n", name)
        yield Store("Chromium and its relatives", (*command, "-i", str(authority)))
