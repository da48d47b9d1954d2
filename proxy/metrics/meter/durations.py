"""Counts durations in buckets, so that quantiles of any of them are right within five per cent."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping

# In milliseconds: exact to 20, then each a tenth above the one before, with the bounds that
# Prometheus is told among them.
TOLD = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000)
_EXACT = 20
_STEP = 1.1
_LONGEST = 86_400_000


def _bounds() -> tuple[int, ...]:
    found = {*range(_EXACT + 1), *TOLD}
    bound = float(_EXACT)
    while bound < _LONGEST:
        bound *= _STEP
        found.add(int(bound))
    return tuple(sorted(found))


BOUNDS = _bounds()
"""The longest duration that each bucket takes, in milliseconds."""

Buckets = dict[int, int]
"""How many durations fell into each bucket, by its number."""


def bucket(milliseconds: int) -> int:
    """Give the number of the bucket that a duration falls into; the last takes all longer ones."""
    return min(bisect_left(BOUNDS, milliseconds), len(BOUNDS) - 1)


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """Estimate how many seconds this share of the durations took at most; None without any."""
    total = sum(buckets.values())
    if not total:
        return None
    rank, seen, number = share * total, 0, 0
    for number in sorted(buckets):
        seen += buckets[number]
        if seen >= rank:
            break
    return _middle(number) / 1000


def added(into: Buckets, more: Mapping[int, int]) -> None:
    """Add counts to others, in place."""
    for number, count in more.items():
        into[number] = into.get(number, 0) + count


def at_most(buckets: Mapping[int, int], milliseconds: int) -> int:
    """Count the durations up to one of the bounds."""
    last = bucket(milliseconds)
    return sum(count for number, count in buckets.items() if number <= last)


def packed(buckets: Mapping[int, int]) -> bytes:
    """Write the counts in as few bytes as they need: each a step from the one before, and a count.

    Numbers have seven bits in a byte, the lowest first.
    """
    found = bytearray()
    before = 0
    for number in sorted(buckets):
        for value in (number - before, buckets[number]):
            rest = value
            while rest > 127:
                found.append(rest & 127 | 128)
                rest >>= 7
            found.append(rest)
        before = number
    return bytes(found)


def unpacked(data: bytes) -> Buckets:
    """Read what `packed` has written; what is cut off or out of bounds is left out."""
    values = _values(data)
    found: Buckets = {}
    number = 0
    for step, count in zip(values, values, strict=False):
        number += step
        if number >= len(BOUNDS):
            break
        found[number] = found.get(number, 0) + count
    return found


def _values(data: bytes) -> Iterable[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def _middle(number: int) -> float:
    """Give the duration that is nearest to all in a bucket, by ratio."""
    if number <= _EXACT:
        return float(BOUNDS[number])
    low, high = BOUNDS[number - 1] + 1, BOUNDS[number]
    return float((low * high) ** 0.5)
