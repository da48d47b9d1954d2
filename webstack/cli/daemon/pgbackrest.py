"""What pgBackRest is told, and what it says: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

import msgspec

from webstack.cli.terminal.errors import OpsError

SETTINGS = "/var/lib/postgresql/pgbackrest.conf"
"""Beside the data: the key in it opens nothing that is not there as well."""
DATA = "/var/lib/postgresql/17/data"
TOLD = "verified"
"""The annotation of a backup that says when it was last proven."""
TABLES, ROWS = "tables", "rows"
COMMAND = ("pgbackrest", f"--config={SETTINGS}", "--stanza=main")
KEPT = 7
COUNT = r"""
SELECT coalesce(sum((xpath('/row/c/text()', query_to_xml(
         format('SELECT count(*) AS c FROM %I.%I', schemaname, tablename), false, true, ''
       )))[1]::text::bigint), 0), count(*)
  FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""
"""Reads every row of a database: what is damaged is noticed, since pages have checksums."""


class Backup(msgspec.Struct, frozen=True):
    """One backup; sizes in bytes, times in seconds since the epoch.

    ``verified`` is when it was last proven, and ``counted`` the tables and rows that there were
    just before it was made and just after.
    """

    name: str
    kind: str
    began: int
    ended: int
    size: int
    stored: int
    error: bool = False
    verified: str = ""
    tables: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

    @property
    def time(self) -> str:
        """Give the moment when it was complete, in UTC."""
        return datetime.fromtimestamp(self.ended, timezone.utc).isoformat(timespec="seconds")


def settings(key: str, kept: int = KEPT) -> str:
    """Give the settings file: compressed, encrypted, so many full backups kept."""
    return f"""[global]
repo1-path=/var/lib/pgbackrest
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass={key}
repo1-bundle=y
repo1-block=y
repo1-retention-full={kept}
compress-type=zst
log-level-file=off
log-level-console=warn
lock-path=/tmp/pgbackrest
spool-path=/tmp/pgbackrest-spool
start-fast=y

[main]
pg1-path={DATA}
pg1-socket-path=/run/postgresql
pg1-user=postgres
"""


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
        tables=_numbers(notes.get(TABLES, "")),
        rows=_numbers(notes.get(ROWS, "")),
    )


def difference(backup: Backup, tables: int, rows: int) -> str:
    """Say how restored data differs from what was counted; empty where it does not.

    Where something was written meanwhile the count before and the one after differ, and that of
    the backup lies in between.
    """
    for what, counted, found in (("tables", backup.tables, tables), ("rows", backup.rows, rows)):
        if counted and not min(counted) <= found <= max(counted):
            spans = " to ".join(str(number) for number in sorted(set(counted)))
            return f"it has {found} {what}, and there were {spans} when it was made"
    return ""


def chosen(known: Sequence[Backup], name: str | None) -> Backup:
    """Choose a backup: as named, else the newest; raises OpsError."""
    if not known:
        raise OpsError("there is no backup yet", "`webstack backup now` makes one")
    if name is None:
        return known[-1]
    for backup in known:
        if backup.name == name:
            return backup
    raise OpsError(f"there is no backup {name}", "`webstack backup list` lists them")


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
