"""A schedule of cron is due at its times, also where the clocks change."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from infra.settings.cron import Schedule

UTC = timezone.utc
BERLIN = ZoneInfo("Europe/Berlin")


def due(text: str, after: str, zone: timezone | ZoneInfo = UTC) -> str:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = Schedule.of(text).after(moment, zone)
    assert found is not None
    return found.isoformat(timespec="minutes").removesuffix("+00:00")


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("* * * * *", "2026-01-01T00:00:30", "2026-01-01T00:01"),
        ("0 3 * * *", "2026-01-01T03:00:00", "2026-01-02T03:00"),
        ("*/15 * * * *", "2026-01-01T00:14:59", "2026-01-01T00:15"),
        ("5-7,30 1 * * *", "2026-01-01T01:07:00", "2026-01-01T01:30"),
        ("0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00"),
        ("0 0 * * mon", "2026-01-01T00:00:00", "2026-01-05T00:00"),
        ("0 0 * * 7", "2026-01-01T00:00:00", "2026-01-04T00:00"),
        ("0 0 13 * fri", "2026-01-03T00:00:00", "2026-01-09T00:00"),
        ("0 0 1 feb-mar *", "2026-02-02T00:00:00", "2026-03-01T00:00"),
        ("@daily", "2026-01-01T00:00:00", "2026-01-02T00:00"),
        ("10/20 * * * *", "2026-01-01T00:11:00", "2026-01-01T00:30"),
    ],
)
def test_the_next_moment(text: str, after: str, expected: str):
    assert due(text, after) == expected


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("0 3 * * *", "2026-06-30T12:00:00", "2026-07-01T01:00"),
        ("30 2 * * *", "2026-03-28T12:00:00", "2026-03-29T01:00"),
        ("30 2 * * *", "2026-10-24T12:00:00", "2026-10-25T00:30"),
        ("30 2 * * *", "2026-10-25T00:30:00", "2026-10-26T01:30"),
        ("30 * * * *", "2026-10-25T00:30:00", "2026-10-25T01:30"),
    ],
)
def test_the_clocks_of_a_time_zone(text: str, after: str, expected: str):
    """Summer time begins on 29 March and ends on 25 October, at 1:00 UTC."""
    assert due(text, after, BERLIN) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it has 0 fields, not five"),
        ("0 3 * *", "it has 4 fields"),
        ("60 * * * *", "minute: 60 is not from 0 to 59"),
        ("x * * * *", "minute: x is not from"),
        ("* * * * *-", "day of the week: "),
        ("*/0 * * * *", "minute: /0 is no step"),
        ("5-1 * * * *", "minute: 5-1 runs backwards"),
        ("0 0 30 2 *", "it is never due"),
        ("@often", "it has 1 fields"),
    ],
)
def test_what_is_no_schedule_is_told(text: str, words: str):
    with pytest.raises(ValueError, match=words):
        Schedule.of(text)
