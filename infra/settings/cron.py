"""When a schedule of cron is due: the five fields, in a time zone.

The scheduler's container runs this very text, so it needs nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

_MINUTE = timedelta(minutes=1)
_YEARS = 5
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, Sequence[str]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


@dataclass(frozen=True)
class Schedule:
    """Minutes, hours, days and months at which something is due.

    Where both days are restricted, one of them is enough, as everywhere.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_hour: bool
    any_day: bool
    any_weekday: bool

    @classmethod
    def of(cls, text: str) -> Schedule:
        """Read `0 3 * * *` or `@daily`; raises ValueError that says what is wrong."""
        words = _SHORT.get(text.strip().lower(), text).split()
        if len(words) != len(_FIELDS):
            raise ValueError(
                f"it has {len(words)} fields, not five: minute, hour, day, month, day of the week"
            )
        sets = [_field(word, *field) for word, field in zip(words, _FIELDS)]  # noqa: B905 - Python 3.9 has no strict
        minutes, hours, days, months, weekdays = sets
        whole = [word.split("/")[0] == "*" for word in words]
        found = cls(
            minutes,
            hours,
            days,
            months,
            frozenset(day % 7 for day in weekdays),
            whole[1],
            whole[2],
            whole[4],
        )
        if found.after(datetime(2028, 1, 1, tzinfo=timezone.utc), timezone.utc) is None:
            raise ValueError("it is never due")
        return found

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """Give the first moment after another at which it is due, in UTC; None where there is none.

        A time that a change of the clocks leaves out is due right after it; one that it repeats
        is due the first time, unless it is due every hour.
        """
        now = moment.astimezone(timezone.utc).replace(second=0, microsecond=0) + _MINUTE
        end = now + timedelta(days=366 * _YEARS)
        before = (now - _MINUTE).astimezone(zone).replace(tzinfo=None)
        while now < end:
            local = now.astimezone(zone)
            naive = local.replace(tzinfo=None)
            repeated = local.fold and not self.any_hour
            if not repeated and (self._matches(naive) or self._left_out(before, naive)):
                return now
            before = naive
            step = 1 if self._is_day(naive) else 60 - naive.minute
            now += step * _MINUTE
            before += (step - 1) * _MINUTE
        return None

    def _left_out(self, before: datetime, now: datetime) -> bool:
        skipped = int((now - before) / _MINUTE) - 1
        return 0 < skipped <= 180 and any(
            self._matches(before + number * _MINUTE) for number in range(1, skipped + 1)
        )

    def _matches(self, moment: datetime) -> bool:
        return moment.minute in self.minutes and moment.hour in self.hours and self._is_day(moment)

    def _is_day(self, moment: datetime) -> bool:
        if moment.month not in self.months:
            return False
        day = moment.day in self.days
        weekday = (moment.weekday() + 1) % 7 in self.weekdays
        return day and weekday if self.any_day or self.any_weekday else day or weekday


def _field(word: str, name: str, low: int, high: int, names: Sequence[str]) -> frozenset[int]:
    found: set[int] = set()
    for part in word.lower().split(","):
        span, slash, step = part.partition("/")
        if slash and (not step.isdecimal() or not 0 < int(step) <= high):
            raise ValueError(f"{name}: /{step} is no step")
        first, dash, last = span.partition("-")
        if span == "*":
            start, stop = low, high
        else:
            start = _number(first, name, low, high, names)
            stop = _number(last, name, low, high, names) if dash else high if slash else start
        if stop < start:
            raise ValueError(f"{name}: {span} runs backwards")
        found.update(range(start, stop + 1, int(step) if slash else 1))
    return frozenset(found)


def _number(word: str, name: str, low: int, high: int, names: Sequence[str]) -> int:
    if word in names:
        return names.index(word) + low
    if not (word.isascii() and word.isdecimal()) or not low <= int(word) <= high:
        raise ValueError(f"{name}: {word[:20] or 'nothing'} is not from {low} to {high}")
    return int(word)
