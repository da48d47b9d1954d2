"""A backup of any kind is chosen by its name, its moment, or that it is proven."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from webstack.cli.daemon.data import backup_rows
from webstack.cli.daemon.data.backup_rows import Row
from webstack.cli.terminal.errors import OpsError


def row(name: str, ended: int = 0, *, error: bool = False, verified: str = "") -> Row:
    """Give a backup of a service's files."""
    return Row(
        of="shop", name=name, kind="full", ended=ended, size=1, stored=1,
        error=error, verified=verified,
    )  # fmt: skip


def test_a_backup_is_chosen_by_its_name_or_is_the_newest():
    known = [row("a"), row("b")]
    assert backup_rows.named(known, None).name == "b"
    assert backup_rows.named(known, "a").name == "a"
    with pytest.raises(OpsError, match="there is no backup c"):
        backup_rows.named(known, "c")
    with pytest.raises(OpsError, match="no backup yet"):
        backup_rows.named([], None)


def test_the_newest_that_is_proven_and_whole_is_preferred():
    known = [row("a", verified="yes"), row("b", error=True, verified="yes"), row("c")]
    assert backup_rows.newest_proven(known).name == "a"
    assert backup_rows.newest_proven(known[1:]).name == "c"
    with pytest.raises(OpsError, match="no backup yet"):
        backup_rows.newest_proven(known[1:2])


def test_of_a_moment_it_is_the_newest_whole_one_that_is_not_younger():
    known = [row("a", 10), row("b", 20, error=True), row("c", 30)]
    assert backup_rows.chosen_at(known, None).name == "c"
    assert backup_rows.chosen_at(known, datetime.fromtimestamp(25, timezone.utc)).name == "a"
    with pytest.raises(OpsError, match="no backup of 1970-01-01T00:00:05Z or before"):
        backup_rows.chosen_at(known, datetime.fromtimestamp(5, timezone.utc))
