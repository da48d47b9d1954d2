"""Reads and writes durations as Go does (``1m30s``), in nanoseconds."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

_UNITS: Final = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6,
    "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
}  # fmt: skip
_PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


def parse_duration(text: str) -> int | None:
    """Return a duration in nanoseconds; None if Go would not read the text."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    parts = _PART.findall(rest)
    if not parts or "".join(count + unit for count, unit in parts) != rest:
        return None
    return sign * sum(int(Decimal(count) * _UNITS[unit]) for count, unit in parts)


def format_duration(nanoseconds: int) -> str:
    """Write a duration of so many nanoseconds the way Go does."""
    if nanoseconds < 0:
        return "-" + format_duration(-nanoseconds)
    if nanoseconds < 10**9:
        return _below_a_second(nanoseconds)
    minutes, rest = divmod(nanoseconds, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    seconds = f"{_decimal(rest, _UNITS['s'])}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def format_seconds(seconds: int) -> str:
    """Write a duration of so many whole seconds the way Go does: ``1m0s``, never ``60s``."""
    return format_duration(seconds * _UNITS["s"])


def _below_a_second(nanoseconds: int) -> str:
    for unit in ("ms", "µs"):
        if nanoseconds >= _UNITS[unit]:
            return f"{_decimal(nanoseconds, _UNITS[unit])}{unit}"
    return f"{nanoseconds}ns" if nanoseconds else "0s"


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def same_duration(value: Any) -> Any:
    """Return the duration's length in nanoseconds, so that ``90s`` equals ``1m30s``."""
    parsed = parse_duration(value) if isinstance(value, str) else None
    return value if parsed is None else parsed
