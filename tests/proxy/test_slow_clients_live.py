"""Slow clients take disk of the proxy, within a bound, and never the threads of a service."""

import contextlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from proxy import RoutedService, Site
from proxy.service.spool import ANSWERS, share
from tests.proxy.containers import Town, put, run
from tests.proxy.wire import PORT, parse, received, request

pytestmark = pytest.mark.docker

MIB = 1 << 20
TIGHT = RoutedService("tight", path="/tight", static=True, spool=128, body_limit=2)
SITE = Site(
    hosts=("site.test",),
    backends=(
        RoutedService("app", path="/"),
        RoutedService("vast", path="/vast", body_limit=500),
        TIGHT,
    ),
)


@pytest.fixture(scope="module")
def place(engine, proxy_image):
    """Give room for the containers of this module."""
    made = Town(engine, proxy_image)
    yield made
    made.clear()


@pytest.fixture(scope="module")
def proxy(place):
    """Start one nginx before two services of gunicorn and an asynchronous one."""
    place.holder()
    container = place.nginx(SITE)
    place.gunicorn("app")
    place.gunicorn("vast")
    place.service("tight")
    for name in ("app", "vast", "tight"):
        place.switch(container, name)
    place.configure(container, SITE)
    run(container, "mkdir -p /srv/static/tight")
    put(container, "/srv/static/tight/a.0123456789ab.css", b"body{}")
    return container


@pytest.fixture
def slow(place, proxy):
    """Give a function that sends a part of a request on a connection of its own."""
    with contextlib.ExitStack() as opened:

        def send(message: bytes, buffer: int = 4096) -> socket.socket:
            client = opened.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            client.settimeout(30)
            client.connect((place.address(), PORT))
            client.sendall(message)
            return client

        yield send


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n".encode()


def post(path: str, size: int, sent: int) -> bytes:
    """Give a request whose body is announced whole, and sent in part."""
    top = f"POST {path} HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n"
    return f"{top}Content-Length: {size}\r\n\r\n".encode() + b"x" * sent


def serves(place, path: str, times: int = 50) -> None:
    """Check that the service answers others: none of its threads is held."""
    with ThreadPoolExecutor(10) as pool:
        answers = pool.map(lambda _: request(place.address(), path), range(times))
    assert [answer.status for answer in answers] == [200] * times


def test_who_reads_large_answers_slowly_holds_no_thread(place, slow):
    clients = [slow(get("/?mib=12"), buffer) for buffer in (65536, *[4096] * 11)]
    assert [client.recv(12) for client in clients] == [b"HTTP/1.1 200"] * 12
    serves(place, "/")
    _, _, body = received(clients[0]).partition(b"\r\n\r\n")
    assert len(body) == 12 * MIB


def test_who_sends_all_but_the_last_byte_holds_no_thread(place, slow):
    clients = [slow(post("/", MIB, MIB - 1)) for _ in range(12)]
    serves(place, "/")
    clients[0].sendall(b"x")
    assert parse(received(clients[0])).body == str(MIB).encode()


def test_many_large_bodies_at_once_arrive_whole(place, proxy):
    size = 9_500_000
    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(request, place.address(), method="POST", body=b"x" * size) for _ in range(8)
        ]
        answers = [each.result() for each in sent]
    assert [(each.status, each.body) for each in answers] == [(200, str(size).encode())] * 8


def test_a_body_that_does_not_fit_is_503_and_what_takes_no_disk_is_served(place, slow):
    held = [slow(post("/tight/", 20_000, 10)) for _ in range(share(TIGHT).bodies)]
    refused = request(place.address(), "/tight/", method="POST", body=b"x" * 20_000)
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    small = request(place.address(), "/tight/", method="POST", body=b"x" * 9_000)
    assert small.json()["size"] == 9_000
    assert request(place.address(), "/tight/").status == 200
    assert request(place.address(), "/", method="POST", body=b"x" * 20_000).status == 200

    held.pop().close()
    assert eventually_taken(place, "/tight/", 20_000)


def eventually_taken(place, path: str, size: int) -> bool:
    """Tell whether there is room for a body again once nginx is done with an earlier one."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if request(place.address(), path, method="POST", body=b"x" * size).status == 200:
            return True
        time.sleep(0.1)
    return False


def test_a_stream_has_no_other_room_for_its_body(place, slow):
    stream = b"Accept: text/event-stream\r\n\r\n"
    message = post("/tight/", 20_000, 0).removesuffix(b"\r\n") + stream
    for _ in range(share(TIGHT).bodies):
        slow(message)
    refused = parse(received(slow(message)))
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert request(place.address(), "/tight/", Accept="text/event-stream").status == 200


def test_more_answers_than_are_kept_are_served_all_the_same(place, slow):
    clients = [slow(get("/tight/?seconds=3")) for _ in range(ANSWERS + 8)]
    static = request(place.address(), "/tight/static/a.0123456789ab.css")
    assert "immutable" in static.headers["cache-control"]
    assert {parse(received(client)).status for client in clients} == {200}


def test_bodies_too_large_to_be_kept_hold_half_the_threads_at_most(place, slow):
    for _ in range(4):
        slow(post("/vast/", 50_000_000, 10))
    refused = parse(received(slow(post("/vast/", 50_000_000, 0))))
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    serves(place, "/vast/")
    kept = request(place.address(), "/vast/", method="POST", body=b"x" * 100_000)
    assert kept.body == b"100000"


def test_a_body_for_which_the_disk_has_no_room_is_503(engine, proxy_image):
    full = Town(engine, proxy_image)
    try:
        site = Site(hosts=("site.test",), backends=(RoutedService("app", path="/"),))
        full.serving(site, spool=full.small_spool())
        answer = request(full.address(), method="POST", body=b"x" * 3_000_000)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert eventually_taken(full, "/", 500_000)
    finally:
        full.clear()
