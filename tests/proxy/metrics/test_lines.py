"""Lines of nginx are read for what is counted; any other is refused, whatever it says."""

from __future__ import annotations

import pytest
from meter.lines import Request, counted, read

from proxy.counting import _FIELDS

AT = 1795932001
LINE = b"2026-11-29T06:00:01+00:00 shop 200 0.012   200"


def with_(**changes):
    said = {
        **{"time": "2026-11-29T06:00:01+00:00", "service": "shop", "status": "200"},
        **{"seconds": "0.012", "cache": "", "stream": "", "asked": "200", **changes},
    }
    return " ".join(said.values()).encode()


def test_a_line_has_the_fields_that_nginx_writes():
    assert len(LINE.split(b" ")) == len(_FIELDS)
    assert read(LINE) == Request(AT, "shop", "application", 200, 12)


@pytest.mark.parametrize(
    ("changes", "route"),
    [
        ({}, "application"),
        ({"status": "502", "asked": "502, 502"}, "application"),
        ({"status": "499", "asked": "-"}, "application"),
        ({"cache": "HIT", "asked": ""}, "cache"),
        ({"cache": "STALE", "asked": "500"}, "cache"),
        ({"cache": "MISS"}, "miss"),
        ({"cache": "EXPIRED"}, "miss"),
        ({"asked": ""}, "file"),
        ({"asked": "", "status": "304"}, "file"),
        ({"asked": "", "status": "404"}, "proxy"),
        ({"asked": "", "status": "429", "service": ""}, "proxy"),
        ({"stream": "1", "status": "101", "asked": "101"}, "stream"),
        ({"stream": "1", "status": "503", "asked": ""}, "proxy"),
    ],
)
def test_the_kind_of_route_follows_from_who_answered(changes, route):
    assert read(with_(**changes)).route == route


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\x00" * 60,
        LINE[:-8],
        LINE + b"\x1b[2J",
        LINE + LINE,
        with_(service="Shop"),
        with_(service="../etc"),
        with_(service="a" * 64),
        with_(service='shop"} 1\nx{a="'),
        with_(status="20"),
        with_(status="²⁰⁰"),
        with_(seconds="-0.012"),
        with_(seconds="9999999.000"),
        with_(seconds="1e9"),
        with_(cache="hit"),
        with_(stream="2"),
        with_(time="2026-13-29T06:00:01+00:00"),
        with_(time="2026-11-29T06:00:01+99:00"),
        with_(asked="200, " * 200),
    ],
)
def test_any_other_line_is_refused(line):
    assert read(line) is None


def test_the_same_lines_are_counted_together():
    found = dict(counted([LINE, b"odd", LINE, with_(status="500")]))
    assert sorted(found.values()) == [1, 1, 2]
    assert found[read(LINE)] == 2
    assert found[None] == 1
