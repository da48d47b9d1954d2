"""A certificate is renewed in time, and an order that failed is tried again in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from keeper.schedule import Validity, pause, renewal

from tests.proxy.certificates.issuing import NOW


@pytest.mark.parametrize(
    ("days", "left"), [(90, 30), (45, 15), (6, 3), (10, 10 / 3), (9.99, 9.99 / 2)]
)
def test_a_third_is_left_or_half_of_a_short_one(days, left):
    ends = NOW + timedelta(days=days)
    assert ends - renewal(Validity(NOW, ends), None) == timedelta(days=left)


def test_advice_comes_first_but_never_after_the_end():
    validity = Validity(NOW, NOW + timedelta(days=90))
    early = NOW + timedelta(days=3)
    assert renewal(validity, early) == early
    assert renewal(validity, NOW + timedelta(days=100)) == validity.ends


def test_pauses_double_up_to_six_hours():
    minutes = [pause(failures, refused=False).total_seconds() / 60 for failures in range(1, 12)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert pause(1, refused=True) == timedelta(hours=1)
    assert pause(500, refused=True) == timedelta(hours=6)
