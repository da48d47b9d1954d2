"""The store outlasts restarts, damage and a full disk, and takes bounded room."""

from __future__ import annotations

import sqlite3

import pytest
from meter.cells import Cell, Series
from meter.store import Store

SHOP = Series("shop", "abc", "application", 200)
NOW = 1_795_932_000


def cell(*milliseconds):
    found = Cell()
    for each in milliseconds:
        found.add(each, 1)
    return found


@pytest.fixture
def path(tmp_path):
    return tmp_path / "counts.sqlite"


def kept(store, at=NOW, series=SHOP, now=NOW, **more):
    return store.keep({at: {series: cell(5, 50)}}, "file", more.get("position", 7), 1, now)


def test_counts_and_the_place_outlast_a_restart(path):
    first = Store(path)
    assert kept(first)
    assert kept(first, position=9)
    first.close()
    again = Store(path)
    assert again.place() == ("file", 9, 1)
    assert [*again.between(NOW, NOW + 1)] == [(NOW, SHOP, cell(5, 50, 5, 50))]
    assert dict(again.totals()) == {SHOP: cell(5, 50, 5, 50)}
    assert again.oldest() == NOW
    assert again.trouble == ""


def test_only_the_slots_of_a_time_are_given(path):
    store = Store(path)
    for at in (NOW - 20, NOW - 10, NOW):
        kept(store, at)
    assert [at for at, *_ in store.between(NOW - 10, NOW)] == [NOW - 10]


def test_what_is_older_than_a_day_or_in_the_future_is_forgotten(path):
    store = Store(path)
    kept(store, NOW)
    kept(store, NOW + 3 * 86_400, Series("shop", "new", "file", 200), now=NOW + 3 * 86_400)
    assert [series.release for _, series, _ in store.between(0, 2 * NOW)] == ["new"]
    assert [series.release for series, _ in store.totals()] == ["new"]
    kept(store, NOW, now=NOW)  # the clock was put back
    assert [series.release for _, series, _ in store.between(0, 2 * NOW)] == ["abc"]


def test_a_damaged_file_is_put_aside_and_counting_goes_on(path):
    path.write_bytes(b"no database" * 1000)
    store = Store(path)
    assert "damaged" in store.trouble
    assert kept(store)
    assert [*store.totals()]
    assert path.with_name("damaged").exists()


def test_damage_that_shows_later_is_outlived_too(path):
    first = Store(path)
    for at in range(0, 20_000, 10):
        kept(first, NOW + at, now=NOW + at)
    first.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    store = Store(path)
    assert kept(store)
    assert "damaged" in store.trouble
    assert [*store.totals()] == [(SHOP, cell(5, 50))]


def test_the_oldest_is_given_up_where_there_is_no_more_room(path):
    store = Store(path, largest=20 * 4096)
    slots = range(NOW, NOW + 40_000, 10)
    for at in slots:
        assert kept(store, at, now=at)
    store.close()
    assert path.stat().st_size <= 20 * 4096
    again = Store(path)
    found = [at for at, *_ in again.between(0, 2 * NOW)]
    assert found[-1] == slots[-1]
    assert NOW < found[0] < slots[-1] - 5000
    assert dict(again.totals())[SHOP].count == 2 * len(slots)


def test_a_full_disk_is_told_and_forgotten_once_there_is_room(path, monkeypatch):
    store = Store(path)

    def full(*_args):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "_add", full)
        assert not kept(store)
        assert "database or disk is full" in store.trouble
    assert kept(store)
    assert store.trouble == ""
    assert dict(store.totals()) == {SHOP: cell(5, 50)}
