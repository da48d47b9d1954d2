"""The backup command knows which backup is due, which ones to keep, and how to compare them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.infra.images.commands import loaded

START = datetime(2026, 1, 1, 2, 30, tzinfo=timezone.utc)
DAY = 86_400


tool = loaded("postgres/commands/webstack-backup")


def backup(day: int, *, proven: bool = True, **more: Any) -> dict[str, Any]:
    """Describe one backup a night as pgBackRest does, with a full one each seventh night."""
    ended = START + timedelta(days=day)
    full = f"day{day - day % 7}"
    kind = "diff" if day % 7 else "full"
    return {
        "label": f"day{day}",
        "type": kind,
        "timestamp": {"stop": int(ended.timestamp())},
        "reference": None if kind == "full" else [full],
        "annotation": {"verified": "x"} if proven else None,
        **more,
    }


def year() -> list[dict[str, Any]]:
    return [backup(day) for day in range(365)]


def test_days_weeks_and_months_keep_one_each_and_what_it_builds_on():
    kept = tool.kept(year(), 7, 4, 6)
    for day in range(358, 365):
        assert f"day{day}" in kept
    months = {name for name in kept if int(name[3:]) < 330}
    assert {"day211", "day242", "day272", "day303"} <= months
    references = {each["label"]: each["reference"] for each in year()}
    assert all({*(references[name] or ())} <= kept for name in kept)
    assert len(kept) < 30


def test_the_newest_is_kept_whatever_the_rule_says():
    assert tool.kept(year(), 0, 0, 0) == {"day364"}
    assert tool.kept([], 7, 4, 6) == set()


def test_a_proven_one_goes_before_a_newer_one_that_is_not():
    proven, later = backup(0), backup(0, label="later", proven=False)
    kept = tool.kept([proven, later, backup(1)], 7, 0, 0)
    assert kept == {"day0", "day1"}


def test_a_broken_one_is_not_kept():
    assert tool.kept([backup(0), backup(1, error=True)], 7, 4, 6) == {"day0"}


@pytest.mark.parametrize(
    ("passed", "kind"), [(1 * DAY, "diff"), (6.4 * DAY, "diff"), (7 * DAY - 60, "full")]
)
def test_a_full_backup_is_due_after_so_many_days(passed: float, kind: str):
    assert tool.due([backup(0)], 7, START.timestamp() + passed) == kind
    assert tool.due([], 7, START.timestamp()) == "full"


@pytest.mark.parametrize(
    ("tables", "rows", "told"),
    [
        (13, 56, ""),
        (13, 58, ""),
        (13, 55, "it has 55 rows, and there were 56 to 58 when it was made"),
        (12, 56, "it has 12 tables, and there were 13 when it was made"),
    ],
)
def test_restored_data_has_as_much_as_was_counted(tables: int, rows: int, told: str):
    noted = {"tables": "13-13", "rows": "56-58"}
    assert tool.difference(noted, tables, rows) == told
    assert tool.difference({}, tables, rows) == ""


def test_settings_are_for_their_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "pgbackrest.conf"
    monkeypatch.setattr(tool, "SETTINGS", file)
    tool.configure("a key", 7, 2, {})
    assert file.stat().st_mode & 0o777 == 0o600
    lines = file.read_text().splitlines()
    assert {"repo1-cipher-pass=a key", "repo1-cipher-type=aes-256-cbc"} < {*lines}
    assert {"repo1-retention-full=7", "repo1-retention-archive=2"} < {*lines}
    assert "repo1-path=/var/lib/pgbackrest" in lines


def test_a_bucket_takes_the_place_of_the_volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "pgbackrest.conf"
    monkeypatch.setattr(tool, "SETTINGS", file)
    place = {"repo1-type": "s3", "repo1-path": "/webstack/dev", "repo1-s3-bucket": "shop"}
    variables = {"BACKUP_KEY": "a key", "BACKUP_S3_KEY": "id", "BACKUP_S3_SECRET": "word"}
    for name, value in {**variables, "BACKUP_PLACE": json.dumps(place)}.items():
        monkeypatch.setenv(name, value)
    tool.prepare({"full": 7, "daily": 30})
    lines = {*file.read_text().splitlines()}
    assert {"repo1-type=s3", "repo1-path=/webstack/dev", "repo1-s3-key-secret=word"} < lines
    assert {"repo1-s3-key=id", "repo1-cipher-pass=a key", "repo1-retention-archive=5"} < lines
    assert "repo1-path=/var/lib/pgbackrest" not in lines


@pytest.mark.parametrize("said", ["f", "", "t t", "3"])
def test_a_query_of_the_owner_must_answer_true(monkeypatch: pytest.MonkeyPatch, said: str):
    monkeypatch.setattr(tool, "run", lambda *_: said)
    with pytest.raises(tool.Failure, match="proof of shop: it answers"):
        tool.ask({"shop": "SELECT false"}, "/tmp/proof")
    monkeypatch.setattr(tool, "run", lambda *_: "t\n")
    tool.ask({"shop": "SELECT true"}, "/tmp/proof")
