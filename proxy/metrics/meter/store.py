"""Keeps what was counted over restarts, in a file of bounded size; SQLite keeps it in one piece."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from meter.cells import Cell, Series, Slots, flat
from meter.durations import packed, unpacked

SLOT = 10
"""Seconds that are counted together."""
_DAY = 86_400
_PAGE = 4096
_LARGEST = 16 << 20
# The log of changes has its own room beside the file.
_LOG_PAGES = 256
_TABLES = """
CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY, service TEXT, release TEXT, route TEXT, status INTEGER,
  milliseconds INTEGER DEFAULT 0, buckets BLOB DEFAULT x'', last INTEGER DEFAULT 0,
  UNIQUE (service, release, route, status));
CREATE TABLE IF NOT EXISTS slots (
  at INTEGER, series INTEGER, milliseconds INTEGER, buckets BLOB,
  PRIMARY KEY (at, series)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS place (session TEXT, position INTEGER, unread INTEGER);
"""


class Store:
    """Counts by slot of ten seconds for a day, and all that a series has counted since it began.

    A damaged file is put aside and begun anew. ``trouble`` says what is wrong with it, if anything.
    """

    def __init__(self, path: Path, largest: int = _LARGEST) -> None:
        self.trouble = ""
        self._path, self._largest = path, largest
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def place(self) -> tuple[str, int, int]:
        """Give the file and the place in it up to which is kept, and how many lines were unread."""
        found = self._database.execute("SELECT session, position, unread FROM place").fetchone()
        session, position, unread = found or ("", 0, 0)
        return session, position, unread

    def keep(self, slots: Slots, session: str, position: int, unread: int, now: float) -> bool:
        """Keep what was counted and how far was read, both or neither; gives whether it could.

        If there is no room, the oldest is given up.
        """
        for _ in range(3):
            try:
                self._keep(slots, session, position, unread, now)
            except sqlite3.OperationalError as error:
                self.trouble = f"cannot keep what is counted: {error}"
                with suppress(sqlite3.Error):
                    self._give_up_oldest()
            except sqlite3.DatabaseError as error:
                self._begin_anew(error)
            else:
                if self.trouble.startswith("cannot"):
                    self.trouble = ""
                return True
        return False

    def between(self, start: float, end: float) -> Iterator[tuple[int, Series, Cell]]:
        """Give what was counted in the slots that begin in a time, with the start of each."""
        rows = self._rows(
            "SELECT at, service, release, route, status, slots.milliseconds, slots.buckets"
            " FROM slots JOIN series ON id = series WHERE at >= ? AND at < ?",
            (int(start), int(end)),
        )
        for at, service, release, route, status, milliseconds, buckets in rows:
            yield at, Series(service, release, route, status), _cell(milliseconds, buckets)

    def totals(self) -> Iterator[tuple[Series, Cell]]:
        """Give all that each series has counted; those silent for a day are forgotten."""
        rows = self._rows(
            "SELECT service, release, route, status, milliseconds, buckets FROM series"
        )
        for service, release, route, status, milliseconds, buckets in rows:
            yield Series(service, release, route, status), _cell(milliseconds, buckets)

    def oldest(self) -> int | None:
        """Give when the first slot begins that is kept."""
        [[at]] = self._rows("SELECT min(at) FROM slots")
        return None if at is None else int(at)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _open(self) -> None:
        self._database = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=1
        )
        for pragma in (
            f"page_size = {_PAGE}",
            f"max_page_count = {self._largest // _PAGE}",
            "locking_mode = EXCLUSIVE",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            f"wal_autocheckpoint = {_LOG_PAGES}",
            f"journal_size_limit = {_LOG_PAGES * _PAGE}",
            "cache_size = -512",
        ):
            self._database.execute(f"PRAGMA {pragma}").fetchall()
        self._database.executescript(_TABLES)

    def _begin_anew(self, error: sqlite3.Error) -> None:
        self.trouble = f"the store was damaged ({error}) and is kept beside; counts begin anew"
        with suppress(sqlite3.Error, AttributeError):
            self._database.close()
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            self._path.replace(self._path.with_name("damaged"))
        self._open()

    def _keep(self, slots: Slots, session: str, position: int, unread: int, now: float) -> None:
        run = self._database.execute
        run("BEGIN IMMEDIATE")
        try:
            for at, series, cell in flat(slots):
                self._add(at, series, cell)
            run("DELETE FROM slots WHERE at < ? OR at > ?", (now - _DAY, now + _DAY))
            run("DELETE FROM series WHERE last < ? OR last > ?", (now - _DAY, now + _DAY))
            run("DELETE FROM place")
            run("INSERT INTO place VALUES (?, ?, ?)", (session, position, unread))
            run("COMMIT")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                run("ROLLBACK")
            raise

    def _add(self, at: int, series: Series, cell: Cell) -> None:
        run = self._database.execute
        run(
            "INSERT OR IGNORE INTO series (service, release, route, status) VALUES (?, ?, ?, ?)",
            series,
        )
        [[number, milliseconds, buckets]] = run(
            "SELECT id, milliseconds, buckets FROM series"
            " WHERE service = ? AND release = ? AND route = ? AND status = ?",
            series,
        ).fetchall()
        total = _cell(milliseconds, buckets)
        total.join(cell)
        run(
            "UPDATE series SET milliseconds = ?, buckets = ?, last = max(last, ?) WHERE id = ?",
            (total.milliseconds, packed(total.buckets), at, number),
        )
        before = run(
            "SELECT milliseconds, buckets FROM slots WHERE at = ? AND series = ?", (at, number)
        ).fetchone()
        slot = _cell(*before) if before else Cell()
        slot.join(cell)
        run(
            "INSERT OR REPLACE INTO slots VALUES (?, ?, ?, ?)",
            (at, number, slot.milliseconds, packed(slot.buckets)),
        )

    def _give_up_oldest(self) -> None:
        """Forget an eighth of the time that is kept."""
        [[first, last]] = self._rows("SELECT min(at), max(at) FROM slots")
        if first is not None:
            until = first + max(SLOT, (last - first) // 8)
            self._database.execute("DELETE FROM slots WHERE at < ?", (until,))

    def _rows(self, query: str, values: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        return self._database.execute(query, values).fetchall()


def _cell(milliseconds: int, buckets: bytes) -> Cell:
    return Cell(milliseconds, unpacked(buckets))
