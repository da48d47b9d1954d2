"""Durations are counted in few buckets, and their quantiles are right within five per cent."""

from __future__ import annotations

import random

import pytest
from meter.durations import BOUNDS, TOLD, added, at_most, bucket, packed, quantile, unpacked


def counted(values):
    found = {}
    for value in values:
        added(found, {bucket(value): 1})
    return found


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("middle", [3, 30, 400, 20_000])
def test_quantiles_are_right_within_five_per_cent(share, middle):
    chance = random.Random(middle)
    values = sorted(int(chance.lognormvariate(0, 1) * middle) for _ in range(5000))
    exact = values[int(share * len(values)) - 1]
    # Times are whole milliseconds, so short ones cannot be nearer than one.
    assert quantile(counted(values), share) * 1000 == pytest.approx(exact, rel=0.05, abs=1)


def test_durations_of_some_milliseconds_are_exact():
    for value in range(21):
        assert quantile(counted([value]), 0.5) == value / 1000


def test_nothing_has_no_quantile():
    assert quantile({}, 0.5) is None


def test_there_is_a_bucket_for_all_of_them():
    assert bucket(10**12) == len(BOUNDS) - 1
    assert len(BOUNDS) < 250


def test_bounds_that_scrapers_are_told_split_no_bucket():
    for bound in TOLD:
        assert at_most(counted([bound, bound + 1]), bound) == 1


def test_counts_come_back_as_they_were_written():
    values = {0: 1, 1: 127, 20: 128, 21: 2**40, len(BOUNDS) - 1: 3}
    assert unpacked(packed(values)) == values


@pytest.mark.parametrize("data", [b"\x01", b"\xff\xff", b"\xff\x01\xff", bytes(range(256)) * 4])
def test_what_is_no_count_is_left_out(data):
    found = unpacked(data)
    assert all(0 <= number < len(BOUNDS) for number in found)
