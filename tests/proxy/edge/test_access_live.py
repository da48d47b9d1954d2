"""Access, rates, hidden files and headers of policies are as the settings say."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from infra.logins import written
from proxy import Cache, Rate, RoutedService, Site, paths
from tests.proxy.containers import Town, put, run
from tests.proxy.wire import PORT, Answer, request

pytestmark = pytest.mark.docker

EVERYBODY = "0.0.0.0/0"
OFFICE = "198.51.100.0/24"
SITE = Site(
    hosts=("site.test",),
    backends=(
        RoutedService("plain", path="/", static=True, cache=Cache(time=60)),
        RoutedService("office", path="/office", static=True, allow=(OFFICE,), body_limit=100),
        RoutedService("banned", path="/banned", deny=("198.51.100.7",)),
        RoutedService("calm", path="/calm", static=True, rate=Rate(1, 2), body_limit=100),
        RoutedService("narrow", path="/narrow", static=True, connections=2, body_limit=100),
        RoutedService(
            "asking", path="/asking", static=True, login=True, cache=Cache(time=60), body_limit=100
        ),
        RoutedService(
            "told",
            path="/told",
            headers=(("Content-Security-Policy", "default-src 'self'"), ("Referrer-Policy", "")),
        ),
    ),
    indexed=False,
    source_maps=False,
    trusted=(EVERYBODY,),
)
NAMES = ("app.js", ".env", "deep/.git/config", "app.js.map", ".well-known/x.txt", "app.mjs")


@pytest.fixture(scope="module")
def address(engine, proxy_image) -> Iterator[str]:
    made = Town(engine, proxy_image)
    made.holder()
    nginx = made.nginx(SITE)
    for backend in SITE.backends:
        made.service(backend.name)
        made.switch(nginx, backend.name)
    users = written({"anna": "a password of hers", "ben": "$apr1$salty123$1yZW73rUmWBaSGkxlaK/L0"})
    run(nginx, f"mkdir -p {paths.LOGINS_DIRECTORY}")
    put(nginx, paths.logins("asking"), users.encode())
    for service in ("plain", "office", "calm", "asking"):
        run(nginx, f"mkdir -p /srv/static/{service}/deep/.git /srv/static/{service}/.well-known")
        for name in NAMES:
            put(nginx, f"/srv/static/{service}/{name}", b"a file")
    made.configure(nginx, SITE)
    yield made.address()
    made.clear()


def status(address: str, path: str, client: str = "203.0.113.1", **more) -> int:
    return request(address, path, X_Forwarded_For=client, **more).status


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/office/", {}),
        ("/office", {}),
        ("/office/static/app.js", {}),
        ("/office/static/absent.js", {}),
        ("/office/events", {"Accept": "text/event-stream"}),
        ("/office/", {"method": "POST", "body": b"x" * 20000}),
    ],
)
def test_only_the_networks_that_are_named_are_let_in(address, path, more):
    assert status(address, path, **more) == 403
    assert status(address, path, client="198.51.100.7", **more) != 403


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/asking/", {}),
        ("/asking/kept?key=3", {}),
        ("/asking/static/app.js", {}),
        ("/asking/static/absent.js", {}),
        ("/asking/events?pause=0", {"Accept": "text/event-stream"}),
        ("/asking/", {"method": "POST", "body": b"x" * 20000}),
        ("/asking/", {"method": "POST", "Content_Length": "20000000"}),
    ],
)
def test_nobody_is_let_in_without_name_and_password(address, path, more):
    answer = request(address, path, **more)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Basic realm="Log in"')
    assert b"Login required" in answer.body
    assert status(address, path, Authorization=basic("anna:a password of his"), **more) == 401
    if "Content_Length" not in more:
        for user in ("anna:a password of hers", "ben:a password of his"):
            assert status(address, path, Authorization=basic(user), **more) not in (401, 403)


def test_the_service_hears_nothing_of_passwords_that_nginx_asks_for(address):
    said = basic("anna:a password of hers")
    headers = {"Authorization": said, "Accept": "*/*"}
    asked = dict(request(address, "/asking/", **headers).json()["headers"])
    assert "authorization" not in asked
    assert dict(request(address, "/told/", **headers).json()["headers"])["authorization"] == said


def basic(user: str) -> str:
    """Give the header of a user and a password."""
    return f"Basic {base64.b64encode(user.encode()).decode()}"


def test_one_address_may_be_refused(address):
    assert status(address, "/banned/", client="198.51.100.7") == 403
    assert status(address, "/banned/", client="198.51.100.8") == 200


def test_a_client_that_asks_too_often_is_told_when_to_come_back(address):
    answers = [request(address, "/calm/", X_Forwarded_For="203.0.113.9") for _ in range(5)]
    assert [each.status for each in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert b"Too many requests" in answers[-1].body
    assert status(address, "/calm/", client="203.0.113.10") == 200
    files = [status(address, "/calm/static/app.js", client="203.0.113.9") for _ in range(6)]
    assert files == [200] * 6


def test_another_kind_of_request_is_counted_too(address):
    large = {"method": "POST", "Content_Length": "20000000"}
    streams = [
        status(address, "/calm/events?pause=0", client="203.0.113.12", Accept="text/event-stream")
        for _ in range(4)
    ]
    assert streams == [200, 200, 200, 429]
    for _ in range(3):
        assert status(address, "/calm/", client="203.0.113.13") == 200
    assert status(address, "/calm/", client="203.0.113.13", **large) == 429


def test_a_client_has_no_more_requests_under_way_than_it_may(address):
    slow: list[socket.socket] = []

    def one_more() -> Answer:
        """Begin another slow one each time: one that comes at the same time may be refused."""
        slow.append(begun(address, "/narrow/?seconds=29", "203.0.113.20"))
        return request(address, "/narrow/", X_Forwarded_For="203.0.113.20")

    refused = once(429, one_more)
    assert refused.headers["retry-after"] == "1"
    assert status(address, "/narrow/", client="203.0.113.21") == 200
    for each in slow:
        each.close()
    once(200, lambda: request(address, "/narrow/", X_Forwarded_For="203.0.113.20"))


def begun(address: str, path: str, client: str) -> socket.socket:
    """Ask, and leave the answer to come."""
    connection = socket.create_connection((address, PORT), timeout=20)
    head = f"GET {path} HTTP/1.1\r\nHost: site.test\r\nX-Forwarded-For: {client}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def once(wanted: int, ask: Callable[[], Answer]) -> Answer:
    """Ask until an answer has this status; gives that."""
    end = time.monotonic() + 20
    while (answer := ask()).status != wanted:
        assert time.monotonic() < end, answer.status
        time.sleep(0.1)
    return answer


def test_dot_files_and_source_maps_are_not_served(address):
    found = {name: request(address, f"/static/{name}") for name in NAMES}
    served = {name for name, answer in found.items() if answer.body == b"a file"}
    assert served == {"app.js", ".well-known/x.txt", "app.mjs"}
    assert {found[name].status for name in (".env", "deep/.git/config", "app.js.map")} == {404}
    assert found["app.mjs"].headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/absent/", "/kept?key=1"])
def test_every_answer_says_once_what_browsers_may_do(address, path):
    found = request(address, path).headers
    assert found["content-security-policy"] == "base-uri 'self'; object-src 'none'"
    assert found["x-robots-tag"] == "noindex, nofollow"
    assert found["x-frame-options"] == "SAMEORIGIN"
    assert "permissions-policy" not in found


def test_the_service_decides_before_us_and_the_settings_before_the_service(address):
    own = quote("img-src 'none'")
    said = f"/kept?key=2&Content-Security-Policy={own}&X-Robots-Tag=all&Referrer-Policy=origin"
    found = request(address, said).headers
    assert found["content-security-policy"] == "img-src 'none'"
    assert found["x-robots-tag"] == "all"
    found = request(address, f"/told{said}").headers
    assert found["content-security-policy"] == "default-src 'self'"
    assert "referrer-policy" not in found
