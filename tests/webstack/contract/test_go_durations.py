from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webstack.contract.go_durations import (
    format_duration,
    format_seconds,
    parse_duration,
    same_duration,
)

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0s", 0),
        ("0", 0),
        ("1s", SECOND),
        ("1m30s", 90 * SECOND),
        ("90s", 90 * SECOND),
        ("1h0m0.5s", 3600 * SECOND + SECOND // 2),
        ("1.5h", 5400 * SECOND),
        ("100ms", SECOND // 10),
        ("-2s", -2 * SECOND),
        ("3us", 3000),
    ],
)
def test_reads_what_go_reads(text, nanoseconds):
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "5", "s", "1 s", "1d", "1s2", "abc", "-"])
def test_refuses_what_go_refuses(text):
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1500, "1.5µs"),
        (SECOND // 10, "100ms"),
        (SECOND, "1s"),
        (60 * SECOND, "1m0s"),
        (90 * SECOND, "1m30s"),
        (3600 * SECOND, "1h0m0s"),
        (3661 * SECOND + SECOND // 4, "1h1m1.25s"),
    ],
)
def test_writes_as_go_writes(nanoseconds, text):
    assert format_duration(nanoseconds) == text


def test_writes_whole_seconds():
    assert [format_seconds(item) for item in (0, 5, 60, 62, 3723)] == [
        "0s", "5s", "1m0s", "1m2s", "1h2m3s",
    ]  # fmt: skip


@given(st.integers(min_value=-(2**53), max_value=2**53))
def test_reads_back_what_it_wrote(nanoseconds):
    """No part of a duration is lost or rounded."""
    assert parse_duration(format_duration(nanoseconds)) == nanoseconds


def test_two_spellings_of_one_length_are_equal():
    """A text that is no duration equals only itself."""
    assert same_duration("90s") == same_duration("1m30s")
    assert same_duration("soon") == "soon"
