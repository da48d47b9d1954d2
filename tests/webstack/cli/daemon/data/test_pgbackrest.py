"""The words of pgBackRest are read, and a restored backup is compared with its counts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from webstack.cli.daemon.data import pgbackrest
from webstack.cli.terminal.errors import OpsError


def item(label: str = "20261129-010446F", **more: Any) -> dict[str, Any]:
    """Describe one backup as pgBackRest 2.55 does."""
    return {
        "archive": {"start": "000000010000000000000007", "stop": "000000010000000000000007"},
        "database": {"id": 1, "repo-key": 1},
        "error": False,
        "info": {"delta": 39446245, "repository": {"delta": 4718744}, "size": 39446245},
        "label": label,
        "timestamp": {"start": 1795914286, "stop": 1795914297},
        "type": "full",
        **more,
    }


def said(*items: dict[str, Any]) -> str:
    return msgspec.json.encode([{"name": "main", "backup": list(items)}]).decode()


def test_backups_are_read_with_what_was_noted_of_them():
    notes = {
        **{"tables": "13-13", "rows": "56-58", "seconds": "12"},
        "verified": "2026-11-29T01:10:00+00:00",
    }
    [plain, noted] = pgbackrest.backups(said(item(), item("b", type="incr", annotation=notes)))
    assert (plain.name, plain.kind, plain.stored) == ("20261129-010446F", "full", 4718744)
    assert plain.row.time == "2026-11-29T01:04:57+00:00"
    assert (plain.verified, plain.tables) == ("", ())
    assert (plain.seconds, noted.seconds) == (None, 12)
    assert (noted.tables, noted.rows, noted.verified[:4]) == ((13, 13), (56, 58), "2026")


@pytest.mark.parametrize("text", ["", "{}", '[{"name": "main"}]', said({"label": "x"})])
def test_what_is_no_list_of_backups_is_an_error(text: str):
    with pytest.raises(OpsError, match="cannot read"):
        pgbackrest.backups(text)
