"""Access, rates, hidden files and headers of policies are as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from proxy import Cache, Rate, RoutedService, Site
from tests.proxy.containers import Town, put, run
from tests.proxy.wire import request

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
    for service in ("plain", "office", "calm"):
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
