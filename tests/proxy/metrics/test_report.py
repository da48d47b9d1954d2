"""The report says how fast and how well each release answered."""

from __future__ import annotations

from meter.cells import Cell, Series
from meter.report import rows, window


def cell(*milliseconds):
    found = Cell()
    for each in milliseconds:
        found.add(each, 1)
    return found


def test_each_release_has_a_row_with_all_of_its_series():
    found = rows(
        [
            (0, Series("shop", "abc", "application", 200), cell(10, 20)),
            (10, Series("shop", "abc", "application", 200), cell(10, 10)),
            (0, Series("shop", "abc", "application", 500), cell(10)),
            (0, Series("shop", "abc", "proxy", 404), cell(0)),
            (0, Series("shop", "def", "file", 304), cell(0)),
        ],
        20,
    )
    assert [(each["release"], each["requests"], each["errors"]) for each in found] == [
        ("abc", 6, 1),
        ("def", 1, 0),
    ]
    first = found[0]
    assert first["rate"] == 6 / 20
    assert first["in_flight"] == 0.06 / 20
    assert (first["p50"], first["p99"]) == (0.01, 0.02)
    assert first["routes"] == {"application": 5, "proxy": 1}
    assert first["statuses"] == {"200": 4, "404": 1, "500": 1}


def test_the_share_of_the_cache_is_of_what_might_be_there():
    found = rows(
        [
            (0, Series("shop", "abc", "cache", 200), cell(0, 0, 0)),
            (0, Series("shop", "abc", "miss", 200), cell(10)),
            (0, Series("shop", "abc", "file", 200), cell(0)),
        ],
        10,
    )
    assert (found[0]["cache_hits"], found[0]["cache_asked"]) == (3, 4)


def test_streams_say_nothing_about_how_long_requests_take():
    found = rows([(0, Series("shop", "abc", "stream", 101), cell(3_600_000))], 10)
    assert found[0]["requests"] == 1
    assert found[0]["p95"] is None
    assert found[0]["in_flight"] == 0


def test_the_window_begins_with_a_slot():
    assert window(1_000_007.5, 60) == (999_940, 1_000_008)
