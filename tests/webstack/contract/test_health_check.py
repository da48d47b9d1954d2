"""The same answers count as healthy, wherever a service is asked."""

from __future__ import annotations

import msgspec
import pytest

from webstack.contract.health_check import HealthCheck


def test_the_path_alone_says_the_whole():
    assert HealthCheck.of("/up") == HealthCheck(path="/up")
    assert HealthCheck.of(HealthCheck(timeout=9)) == HealthCheck(timeout=9)


@pytest.mark.parametrize(
    ("status", "accepted"), [(200, True), (299, True), (301, False), (401, True), (None, False)]
)
def test_statuses_are_accepted_one_by_one_and_by_range(status, accepted):
    check = HealthCheck(status=("200-299", 401))
    assert check.accepts(status) is accepted
    assert check.accepted == "200-299 or 401"
    assert check.ranges == ((200, 299), (401, 401))


@pytest.mark.parametrize(
    "said",
    [
        {"path": "up"},
        {"path": "/a b"},
        {"host": "shop/"},
        {"scheme": "ftp"},
        {"status": []},
        {"status": ["299-200"]},
        {"status": [99]},
        {"timeout": 0},
        {"interval": 5},
    ],
)
def test_what_no_container_can_be_asked_is_refused(said):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said, HealthCheck)
