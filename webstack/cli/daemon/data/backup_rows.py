"""What there is of backups, of whatever: one form for all, and how one is chosen: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Protocol, TypeVar

import msgspec

from webstack.cli.terminal.errors import OpsError


class _Told(Protocol):
    """What a backup is chosen by, of whatever it is."""

    @property
    def name(self) -> str: ...

    @property
    def error(self) -> bool: ...

    @property
    def verified(self) -> str: ...


_Backup = TypeVar("_Backup", bound=_Told)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One backup; sizes in bytes, times in seconds since the epoch.

    ``of`` is what it is of: postgres, or whose files. ``verified`` is when it was last proven, and
    ``seconds`` how long it took then to restore it.
    """

    of: str
    name: str
    kind: str
    ended: int
    size: int
    stored: int
    error: bool = False
    verified: str = ""
    seconds: int | None = None

    @property
    def time(self) -> str:
        """Give the moment when it was complete, in UTC."""
        return datetime.fromtimestamp(self.ended, timezone.utc).isoformat(timespec="seconds")


def of_name(name: str) -> str | None:
    """Give whose files a name is of a backup of: ``shop/…``; None where it is of PostgreSQL."""
    owner, found, _ = name.partition("/")
    return owner if found else None


def chosen_at(known: Sequence[Row], moment: datetime | None) -> Row:
    """Choose the newest backup, or the newest that is not younger than a moment."""
    whole = [each for each in known if not each.error]
    limit = moment.timestamp() if moment else None
    old = [each for each in whole if limit is None or each.ended <= limit]
    if not old:
        what = f"no backup of {moment:%Y-%m-%dT%H:%M:%SZ} or before" if moment else "no backup yet"
        raise OpsError(f"there is {what}", "`webstack backup list` lists them")
    return old[-1]


def newest_proven(known: Sequence[_Backup]) -> _Backup:
    """Choose the newest backup that is proven, else the newest that is whole; raises OpsError."""
    whole = [each for each in known if not each.error]
    proven = [each for each in whole if each.verified]
    return named(proven or whole, None)


def named(known: Sequence[_Backup], name: str | None) -> _Backup:
    """Choose a backup by its name, else the newest; raises OpsError."""
    if not known:
        raise OpsError("there is no backup yet", "`webstack backup now` makes one")
    if name is None:
        return known[-1]
    for backup in known:
        if backup.name == name:
            return backup
    raise OpsError(f"there is no backup {name}", "`webstack backup list` lists them")
