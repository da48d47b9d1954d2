"""What pgBackRest is told, and what it says: pure."""

from __future__ import annotations

import msgspec

from webstack.cli.daemon.data.backup_rows import Row
from webstack.cli.terminal.errors import OpsError

SETTINGS = "/var/lib/postgresql/pgbackrest.conf"
"""Beside the data: the key in it opens nothing that is not there as well."""
DATA = "/var/lib/postgresql/17/data"
TOLD = "verified"
"""The annotation of a backup that says when it was last proven."""
SECONDS = "seconds"
"""That which says how long it took to be restored and started."""
TABLES, ROWS = "tables", "rows"
COMMAND = ("pgbackrest", f"--config={SETTINGS}", "--stanza=main")
KEPT = 7


class Backup(msgspec.Struct, frozen=True):
    """One backup; sizes in bytes, times in seconds since the epoch.

    ``verified`` is when it was last proven, ``seconds`` how long it took then until it served, and
    ``tables`` and ``rows`` are those that there were just before it was made and just after.
    """

    name: str
    kind: str
    began: int
    ended: int
    size: int
    stored: int
    error: bool = False
    verified: str = ""
    seconds: int | None = None
    tables: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

    @property
    def row(self) -> Row:
        """Give it in the form that all backups have."""
        names = ("name", "kind", "ended", "size", "stored", "error", "verified", "seconds")
        return Row(of="postgres", **{name: getattr(self, name) for name in names})


def backups(info: str) -> list[Backup]:
    """Read what ``pgbackrest info --output=json`` says, oldest first; raises OpsError."""
    try:
        stanzas = msgspec.json.decode(info, type=list[_Stanza])
    except msgspec.MsgspecError:
        raise OpsError("pgBackRest said what this version cannot read") from None
    return [_backup(item) for stanza in stanzas for item in stanza.backup]


def _backup(read: _Item) -> Backup:
    notes = read.annotation
    return Backup(
        name=read.label,
        kind=read.type,
        began=read.timestamp.start,
        ended=read.timestamp.stop,
        size=read.info.size,
        stored=read.info.repository.get("delta", 0),
        error=bool(read.error),
        verified=notes.get(TOLD, ""),
        seconds=next(iter(_numbers(notes.get(SECONDS, ""))), None),
        tables=_numbers(notes.get(TABLES, "")),
        rows=_numbers(notes.get(ROWS, "")),
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("-") if part.isdecimal())


class _Times(msgspec.Struct, frozen=True):
    start: int
    stop: int


class _Sizes(msgspec.Struct, frozen=True):
    size: int
    repository: dict[str, int] = {}


class _Item(msgspec.Struct, frozen=True):
    """One backup as pgBackRest describes it."""

    label: str
    type: str
    timestamp: _Times
    info: _Sizes
    error: bool | None = None
    annotation: dict[str, str] = {}


class _Stanza(msgspec.Struct, frozen=True):
    """The cluster that backups are of: there is one."""

    backup: list[_Item]
