"""Foreign code in the container of a service reaches no further than that service."""

from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from proxy import RoutedService, Site, paths
from tests.proxy.containers import Town, run
from tests.proxy.wire import request

pytestmark = pytest.mark.docker

SITE = Site(
    hosts=("site.test",),
    backends=(RoutedService("plain", path="/"), RoutedService("other", path="/other")),
)


@pytest.fixture
def place(engine: docker.DockerClient, proxy_image: str) -> Iterator[Town]:
    """Give room for the containers of one test."""
    made = Town(engine, proxy_image)
    yield made
    made.clear()


def opened(place: Town) -> tuple[Container, Container]:
    """Start two services and nginx before them; gives nginx and the first service."""
    nginx = place.serving(SITE)
    plain = place.client.containers.get(f"{place.prefix}-plain-0-one")
    assert answered(place) == "plain-0-one"
    return nginx, plain


def answered(place: Town, path: str = "/") -> str:
    """Tell which container answers, or else which error the proxy gives."""
    answer = request(place.address(), path)
    return answer.json()["service"] if answer.status == 200 else str(answer.status)


@pytest.mark.parametrize(
    "target", [paths.HEALTH_SOCKET, f"{paths.sockets('other')}/one-0.sock", paths.link("other", 0)]
)
def test_a_link_in_the_place_of_its_own_socket_leads_nowhere(place: Town, target: str):
    _, plain = opened(place)
    run(plain, f"ln -sfn {target} /run/webstack/one-0.sock")
    # The one that was there is served on, and by nobody else once it has ended.
    assert {answered(place) for _ in range(20)} == {"plain-0-one"}
    plain.kill()
    for path in ("/", paths.STATUS_PATH, paths.HEALTH_PATH, "/other/"):
        expected = "other-0-one" if path == "/other/" else "503"
        assert answered(place, path) == expected


def test_a_listener_in_the_place_of_another_container_s_socket_gets_no_request(place: Town):
    nginx, old = opened(place)
    new = place.service("plain", release="two", group=31000)
    named = f"{paths.sockets('plain')}/two.31000.sock"
    moved = "mv /run/webstack/two-0.sock /run/webstack/two.31000.sock"
    run(nginx, f"until [ -S {paths.sockets('plain')}/two-0.sock ]; do sleep 0.05; done")
    run(new, moved)
    run(nginx, f"webstack-probe {named} / localhost 10")
    # The old container serves the name with a listener of its own.
    run(old, "mv /run/webstack/two.31000.sock /run/webstack/gone")
    run(old, "mv /run/webstack/one-0.sock /run/webstack/two.31000.sock")
    code, output = nginx.exec_run(["webstack-probe", named, "/", "localhost", "1"])
    assert code == 1
    assert b"another container listens there" in output
    link = paths.link("plain", 0)
    run(nginx, f"ln -s {named} {link}.next && mv -T {link}.next {link} && sleep 0.5")
    assert answered(place) == "503"
    run(old, "mv /run/webstack/two.31000.sock /run/webstack/one-0.sock")
    run(new, "mv /run/webstack/gone /run/webstack/two.31000.sock")
    run(nginx, f"until [ {paths.upstream('plain', 0)} -ef {named} ]; do sleep 0.05; done")
    assert answered(place) == "plain-0-two"
