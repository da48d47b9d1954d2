"""The keeper orders certificates that are due, keeps the best ones serving, and tells errors."""

from __future__ import annotations

import errno
import json
from datetime import timedelta

import pytest
from keeper import place
from keeper.certificates import read
from keeper.errors import OrderError
from keeper.keeping import Keeper

from tests.proxy.certificates.issuing import NOW, Clock, Directory, issued

HOSTS = ("shop.test", "www.shop.test")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(clock) -> Directory:
    return Directory(clock)


@pytest.fixture
def keeper(tmp_path, monkeypatch, clock, directory) -> Keeper:
    """Make a keeper whose files lie in a folder of the test, and which was asked already."""
    for name in ("SITE", "STATUS", "ISSUED", "ASKED"):
        monkeypatch.setattr(place, name, tmp_path / name.lower())
    monkeypatch.setattr(place, "ACCOUNT", tmp_path)
    monkeypatch.setattr(place, "CERTIFICATES", tmp_path)
    place.ASKED.touch()
    return Keeper(directory, HOSTS, clock)


def served():
    found = read(place.SITE.read_bytes())
    assert found
    return found


def told() -> dict:
    return json.loads(place.STATUS.read_bytes())


def test_nothing_is_ordered_before_somebody_asks(keeper, directory):
    place.ASKED.unlink()
    keeper.look(asked=False)
    assert directory.orders == []
    assert served().is_of(HOSTS)  # a temporary one
    assert not told()["issued"]
    keeper.look(asked=True)
    assert directory.orders == [HOSTS]
    assert told()["issued"]


def test_one_is_renewed_with_a_third_of_its_time_left(keeper, directory, clock):
    keeper.look(asked=False)
    clock.move(days=59)
    keeper.look(asked=False)
    assert len(directory.orders) == 1
    clock.move(days=1, seconds=1)
    keeper.look(asked=False)
    assert len(directory.orders) == 2
    assert served().validity.ends - clock.now > timedelta(days=89, hours=23)


def test_it_is_renewed_when_the_directory_advises_it(keeper, directory, clock):
    directory.advised = NOW + timedelta(days=10)
    keeper.look(asked=False)
    clock.move(days=11)
    keeper.look(asked=False)
    assert len(directory.orders) == 2


def test_advice_that_is_always_past_is_not_followed_all_the_time(keeper, directory, clock):
    directory.advised = NOW - timedelta(days=1)
    for _ in range(60):
        keeper.look(asked=False)
        clock.move(seconds=30)
    assert len(directory.orders) == 1
    clock.move(hours=1)
    keeper.look(asked=False)
    assert len(directory.orders) == 2


@pytest.mark.parametrize(
    "failure",
    [
        OrderError("https://directory.test does not answer as it should: refused"),
        OrderError("too many certificates", refused=True),
        OrderError("shop.test: 404 where the answer to the challenge should be"),
    ],
    ids=["away", "rate limited", "challenge blocked"],
)
def test_what_fails_is_told_and_tried_less_and_less_often(keeper, directory, clock, failure):
    directory.failure = failure
    for _ in range(6 * 24):
        keeper.look(asked=False)
        clock.move(minutes=10)
    assert 4 <= len(directory.orders) < 16
    assert told()["error"] == str(failure)
    assert told()["failing_since"].startswith("2026-11-01T00:00:00")
    assert served().is_of(HOSTS)
    directory.failure = None
    keeper.look(asked=True)  # who asks does not wait for the next try
    assert told()["error"] == ""
    assert told()["issued"]


def test_a_rate_limit_is_waited_for_an_hour_at_least(keeper, directory, clock):
    directory.failure = OrderError("too many", refused=True)
    keeper.look(asked=False)
    clock.move(minutes=59)
    keeper.look(asked=False)
    assert len(directory.orders) == 1


def test_a_renewal_that_fails_leaves_what_is_served(keeper, directory, clock):
    keeper.look(asked=False)
    before = place.SITE.read_bytes()
    directory.failure = OrderError("away")
    clock.move(days=70)
    keeper.look(asked=False)
    assert place.SITE.read_bytes() == before
    assert told()["issued"]
    assert told()["error"] == "away"


def test_one_that_ended_gives_way_to_a_temporary_one(keeper, directory, clock):
    keeper.look(asked=False)
    directory.failure = OrderError("away")
    clock.move(days=91)
    keeper.look(asked=False)
    assert served().validity.ends > clock.now
    assert told()["error"] == "away"


def test_another_host_does_not_take_the_certificate_from_the_others(
    keeper, directory, clock, tmp_path
):
    keeper.look(asked=False)
    before = place.SITE.read_bytes()
    directory.failure = OrderError("new.test: no such name")
    later = Keeper(directory, (*HOSTS, "new.test"), clock)
    later.look(asked=False)
    assert place.SITE.read_bytes() == before
    assert not told()["issued"]
    directory.failure = None
    later.look(asked=True)
    assert served().is_of((*HOSTS, "new.test"))


def test_a_certificate_of_another_key_is_not_served(keeper, directory):
    mixed = issued(HOSTS, NOW, NOW + timedelta(days=90))
    other = issued(HOSTS, NOW, NOW + timedelta(days=90))
    begin = b"-----BEGIN CERTIFICATE"
    place.ISSUED.write_bytes(mixed.partition(begin)[0] + begin + other.partition(begin)[2])
    keeper.look(asked=False)
    assert directory.orders == [HOSTS]
    assert place.SITE.read_bytes() == place.ISSUED.read_bytes()


def test_what_nginx_has_is_mended(keeper):
    keeper.look(asked=False)
    place.SITE.write_bytes(b"")
    keeper.look(asked=False)
    assert place.SITE.read_bytes() == place.ISSUED.read_bytes()


def test_with_a_full_disk_nothing_is_ordered_that_would_be_lost(
    keeper, directory, clock, monkeypatch
):
    keeper.look(asked=False)
    clock.move(days=70)
    written = place.write

    def full(path, content, mode):
        if len(content) > 8192:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(path, content, mode)

    monkeypatch.setattr(place, "write", full)
    keeper.look(asked=True)
    assert len(directory.orders) == 1
    assert "No space left" in told()["error"]


def test_a_clock_that_is_wrong_orders_none_again_and_again(keeper, directory, clock):
    directory.clock = Clock()  # which is right
    clock.move(days=400)
    for _ in range(60):
        keeper.look(asked=False)
        clock.move(minutes=1)
    assert len(directory.orders) == 1
