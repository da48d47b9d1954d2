"""Releases, reloads and new nginx containers lose no request while clients go on asking."""

import contextlib
import http.client
import time
from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from proxy import RoutedService, Site, paths
from tests.proxy.containers import Town, run
from tests.proxy.load import MIXED, Client, Load
from tests.proxy.wire import PORT, request

pytestmark = pytest.mark.docker

SITE = Site(
    hosts=("site.test",), backends=(RoutedService("plain", replicas=2, path="/", static=True),)
)
STATIC = "/static/app.0123456789ab.js"
CLIENTS = (*MIXED, Client(path=STATIC), Client(path=STATIC, kept=False))


@pytest.fixture
def place(engine: docker.DockerClient, proxy_image: str) -> Iterator[Town]:
    """Give room for the containers of one test."""
    made = Town(engine, proxy_image)
    yield made
    made.clear()


def opened(place: Town) -> Container:
    """Start two replicas of a service and nginx before them."""
    nginx = place.serving(SITE)
    run(nginx, f"mkdir /srv/static/plain; echo 1 > /srv/static/plain/{STATIC.split('/')[-1]}")
    return nginx


def test_switching_the_links_to_a_new_release_loses_nothing(place):
    nginx = opened(place)
    with Load(place.address(), CLIENTS) as tally:
        for old, new in (("one", "two"), ("two", "three")):
            for replica in range(2):
                place.service("plain", replica, new)
            for replica in range(2):
                place.switch(nginx, "plain", replica, new)
            time.sleep(0.5)
            for container in place.containers:
                if container.name.endswith(f"-{old}"):
                    container.stop(timeout=10)
    assert tally.sent > 500
    assert not tally.failures


@pytest.mark.parametrize("announced", [(None, None, None), (0.0, 0.5, 1.5)])
def test_a_reload_loses_nothing(place, announced):
    """A reload loses no request, with or without an announcement some seconds ahead."""
    nginx = opened(place)
    with Load(place.address(), CLIENTS) as tally:
        for ahead in announced:
            if ahead is not None:
                nginx.exec_run(["webstack-announce", "9"], detach=True)
                time.sleep(ahead)
            place.configure(nginx, SITE)
            time.sleep(0.5)
    assert tally.reused > 100
    assert not tally.failures
    assert "closing" not in run(nginx, f"ls {paths.RUNTIME_DIRECTORY}")


def test_connections_are_kept_again_where_an_announced_reload_does_not_come(place):
    nginx = opened(place)
    assert keeps_connections(place)
    nginx.exec_run(["webstack-announce", "2"], detach=True)
    for expected in (False, True):
        deadline = time.monotonic() + 10
        while keeps_connections(place) != expected:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert "closing" not in run(nginx, f"ls {paths.RUNTIME_DIRECTORY}")


def test_one_nginx_follows_another_and_loses_nothing(place):
    old = opened(place)
    with Load(place.address(), CLIENTS) as tally:
        for turn in range(3):
            new = place.nginx(SITE, f"nginx-{turn}")
            old.stop(timeout=20)
            assert old.wait()["StatusCode"] == 0
            old = new
    assert tally.reused > 100
    assert not tally.failures


def test_a_replica_that_is_gone_costs_nobody_a_request(place):
    """A request that may be sent only once is not lost either, and the replica is soon back."""
    opened(place)
    gone = next(each for each in place.containers if each.name.endswith("-plain-1-one"))
    gone.kill()
    answers = [request(place.address(), method="POST", body=b"x") for _ in range(60)]
    assert {answer.status for answer in answers} == {200}
    assert {answer.json()["service"] for answer in answers} == {"plain-0-one"}
    gone.start()
    assert served_by(place, "plain-1-one", seconds=5)


def test_a_service_that_was_wholly_down_serves_again_as_soon_as_it_is_back(place):
    opened(place)
    replicas = [each for each in place.containers if "-plain-" in each.name]
    for each in replicas:
        each.kill()
    answers = [request(place.address(), method="POST", body=b"x") for _ in range(60)]
    assert {answer.status for answer in answers} == {503}
    for each in replicas:
        each.start()
    assert served_by(place, "plain-0-one", seconds=5)


def keeps_connections(place: Town) -> bool:
    """Tell whether nginx leaves a connection open for the next request."""
    connection = http.client.HTTPConnection(place.address(), PORT, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/", headers={"Host": "site.test"})
        return connection.getresponse().getheader("connection") != "close"


def served_by(place: Town, name: str, seconds: float) -> bool:
    """Tell whether a replica answers within so many seconds, its own start included."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = request(place.address())
        if answer.status == 200 and answer.json()["service"] == name:
            return True
        time.sleep(0.05)
    return False
