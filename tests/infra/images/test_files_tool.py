"""Files are brought back whole or not at all, and a database in use is copied as it is."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.infra.images.commands import loaded

tool = loaded("files/commands/webstack-files")


class CutOffError(Exception):
    """Ends a command where a power failure would."""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that is kept, with what there was, and beside it what was restored."""
    monkeypatch.setattr(tool, "KEPT", tmp_path)
    folder = tmp_path / "data"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "old").write_text("old")
    (folder / "shop.sqlite3").write_text("old")
    (folder / "only-before").write_text("old")
    staged = folder / tool.STAGED
    (staged / "media").mkdir(parents=True)
    (staged / "media" / "new").write_text("new")
    (staged / "shop.sqlite3").write_text("new")
    return folder


def content(folder: Path) -> dict[str, str]:
    own = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text() for name, path in own.items() if tool.STAGED not in name}


OLD = {"media/old": "old", "shop.sqlite3": "old", "only-before": "old"}
NEW = {"media/new": "new", "shop.sqlite3": "new"}


def test_what_was_restored_takes_the_place_of_all_that_was_there(kept: Path):
    tool.exchange(kept)
    assert content(kept) == NEW


@pytest.mark.parametrize("step", range(5))
def test_an_exchange_that_is_cut_off_is_undone(
    kept: Path, monkeypatch: pytest.MonkeyPatch, step: int
):
    """Three renames are of what was there, and two of what was restored."""
    rename, left = Path.rename, [step]

    def cut(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise CutOffError
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", cut)
    with pytest.raises(CutOffError):
        tool.exchange(kept)
    monkeypatch.setattr(Path, "rename", rename)
    tool.take_back(kept)
    assert content(kept) == OLD
    assert not (kept / tool.BEFORE).exists()


def test_a_database_in_use_is_copied_with_what_is_committed(kept: Path, tmp_path: Path):
    source, copied = kept / "live.sqlite3", tmp_path / "copies" / "live.sqlite3"
    live = sqlite3.connect(source)
    live.execute("PRAGMA journal_mode = WAL")
    live.execute('CREATE TABLE "a table" (x)')
    live.executemany('INSERT INTO "a table" VALUES (?)', [(number,) for number in range(500)])
    live.commit()
    live.execute('INSERT INTO "a table" VALUES (0)')  # not committed: nobody sees it
    tool.copy(source, copied)
    assert tool.counted(copied) == {'"a table"': 500}
    live.close()


def test_databases_are_known_by_their_content_and_not_by_their_name(kept: Path):
    sqlite3.connect(kept / "cache.bin").execute("CREATE TABLE t (x)").connection.close()
    assert [path.name for path in tool.databases(kept)] == ["cache.bin"]


def test_a_damaged_database_is_no_backup(kept: Path):
    path = kept / "broken.sqlite3"
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE t (x)")
    made.executemany("INSERT INTO t VALUES (?)", [("x" * 3000,) for _ in range(50)])
    made.commit()
    made.close()
    whole = bytearray(path.read_bytes())
    whole[4096:12288] = b"\xff" * 8192
    path.write_bytes(bytes(whole))
    with pytest.raises(tool.Failure, match=r"broken\.sqlite3"):
        tool.counted(path)


def test_rows_that_are_missing_are_told(kept: Path, tmp_path: Path):
    copies = tmp_path / "copies"
    (copies / "databases" / "data").mkdir(parents=True)
    made = sqlite3.connect(copies / "databases" / "data" / "shop.sqlite3")
    made.execute("CREATE TABLE t (x)")
    made.execute("INSERT INTO t VALUES (1)")
    made.commit()
    made.close()
    counts = copies / "counts.json"
    counts.write_text(json.dumps({"data/shop.sqlite3": {'"t"': 1}}))
    assert tool.compared(copies) == 1
    counts.write_text(json.dumps({"data/shop.sqlite3": {'"t"': 2}}))
    with pytest.raises(tool.Failure, match="has other rows"):
        tool.compared(copies)


@pytest.mark.parametrize(
    "text",
    ["2026-11-29T06:39:40.123456789Z", "2026-11-29T07:39:40.1+01:00", "2026-11-29T06:39:40Z"],
)
def test_a_backup_is_named_by_when_it_was_made(text: str):
    snapshot = {"time": text}
    assert tool.ended(snapshot).replace(microsecond=0) == datetime(
        2026, 11, 29, 6, 39, 40, tzinfo=timezone.utc
    )
    assert tool.name_of(snapshot) == "20261129-063940"


def test_what_restic_takes_for_a_pattern_is_a_name():
    assert tool._escaped("/kept/data/a[1]*.db") == r"/kept/data/a\[1]\*.db"
