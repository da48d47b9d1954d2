"""The proxy divides the disk that slow clients may take."""

import pytest

from proxy import RoutedService
from proxy.service.spool import ANSWERS, Share, share


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Share(answer=16, bodies=49, passed=0)),
        ({"body_limit": 32}, Share(answer=16, bodies=26, passed=0)),
        ({"body_limit": 33}, Share(answer=16, bodies=49, passed=4)),
        ({"body_limit": 500, "threads": 32}, Share(answer=16, bodies=49, passed=16)),
        ({"body_limit": 500, "threads": 1}, Share(answer=16, bodies=49, passed=1)),
        ({"body_limit": 500, "spool": 65536}, Share(answer=512, bodies=40, passed=0)),
        ({"body_limit": 5, "spool": 128}, Share(answer=1, bodies=13, passed=4)),
        ({"body_limit": 2, "spool": 128}, Share(answer=1, bodies=26, passed=0)),
    ],
)
def test_a_share_is_divided_by_what_it_has_to_hold(settings, expected):
    assert share(RoutedService("shop", path="/", **settings)) == expected


@pytest.mark.parametrize("spool", [128, 1000, 2048, 1 << 20])
@pytest.mark.parametrize("body_limit", [1, 10, 16, 500, 10240])
def test_no_more_is_kept_than_the_share(spool, body_limit):
    backend = RoutedService("shop", path="/", spool=spool, body_limit=body_limit)
    limits = share(backend)
    body = body_limit if not limits.passed else min(body_limit, 10)
    taken = ANSWERS * limits.answer + limits.bodies * (body + limits.answer)
    assert taken <= spool
