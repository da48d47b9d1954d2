"""Nginx keeps answers for those who may have them, and published attacks get nothing in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from urllib.parse import quote

import pytest

from proxy import Cache, RoutedService, Site, paths
from tests.proxy.containers import Town, run
from tests.proxy.wire import Answer, raw, request

pytestmark = pytest.mark.docker

KEYS = count()
"""Numbers that make each page a different one; not by chance, since tests are named after some."""
HIT, MISS = "webstack; hit", "webstack; fwd=uri-miss"
SITE = Site(
    hosts=("site.test", "other.test"),
    backends=(
        RoutedService(
            "plain",
            path="/",
            timeout=5,
            cache=Cache(
                time=60,
                vary=("Accept-Language",),
                bypass=("sessionid",),
                memory=16,
                never=("/healthz",),
            ),
        ),
        RoutedService("strict", path="/strict", cache=Cache()),
    ),
)


@pytest.fixture(scope="module")
def place(engine, proxy_image) -> Iterator[Town]:
    made = Town(engine, proxy_image)
    made.serving(SITE)
    yield made
    made.clear()


@pytest.fixture
def nginx(place):
    return place.client.containers.get(f"{place.prefix}-nginx")


@pytest.fixture
def address(place) -> str:
    return place.address()


def page(prefix: str = "", **query: str) -> str:
    """Give an address that nobody has asked for yet."""
    said = {"key": str(next(KEYS)), **query}
    return f"{prefix}/kept?" + "&".join(f"{name}={quote(value)}" for name, value in said.items())


def state(answer: Answer) -> str:
    return answer.headers.get("cache-status", "")


def is_kept(address: str, path: str, **headers: str) -> bool:
    """Tell whether the second of two equal requests gets the answer of the first."""
    first, second = (request(address, path, **headers) for _ in range(2))
    return first.body == second.body


def test_the_same_is_answered_from_memory(address):
    path = page()
    first, second = request(address, path), request(address, path)
    assert (state(first), state(second)) == (MISS, HIT)
    assert first.body == second.body
    assert second.headers["x-content-type-options"] == "nosniff"
    head = request(address, path, method="HEAD")
    assert (state(head), head.body) == (HIT, b"")
    part = request(address, path, Range="bytes=0-4")
    assert (part.status, part.body) == (206, first.body[:5])


@pytest.mark.parametrize(
    "path",
    [
        page(Cache_Control="private"),
        page(Cache_Control="no-store"),
        page(Cache_Control="max-age=0"),
        page(Set_Cookie="a=1"),
        page(Vary="*"),
        page(Vary="Accept-Encoding, *"),
        page(status="500 Oh", Cache_Control="max-age=60"),
        page(status="403 No", Cache_Control="max-age=60"),
        page(size="0"),
        page(size="250001"),
        page("/strict"),
    ],
)
def test_what_is_one_s_own_broken_or_large_is_not_kept(address, path):
    assert not is_kept(address, path)


@pytest.mark.parametrize(
    "path",
    [
        page("/strict", Cache_Control="public, max-age=60"),
        page("/strict", Cache_Control="max-age=0, s-maxage=60"),
        page(status="404 No", Cache_Control="max-age=60"),
    ],
)
def test_what_the_service_says_of_keeping_holds(address, path):
    assert is_kept(address, path)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer mine"},
        {"Cookie": "sessionid=mine"},
        {"Cookie": "a=b; sessionid=mine"},
        {"Cookie": "a=b;sessionid=mine"},
    ],
)
def test_who_is_known_gets_nothing_of_others_and_gives_them_nothing(address, headers):
    path = page(Cache_Control="max-age=60")
    mine = request(address, path, **headers)
    assert [mine.seen(name) for name in headers] == [[value] for value in headers.values()]
    anonymous = request(address, path)
    assert state(anonymous) == MISS
    assert b"mine" not in anonymous.body.replace(page().encode(), b"")
    assert request(address, path, **headers).body != anonymous.body


def test_without_named_cookies_any_cookie_is_somebody_s(address):
    path = page("/strict", Cache_Control="max-age=60")
    request(address, path)
    assert state(request(address, path)) == HIT
    assert state(request(address, path, Cookie="_ga=1")) == ""
    path = page()
    request(address, path, Cookie="_ga=1")
    assert request(address, path).seen("cookie") == []


UNKEYED = {
    "X-Forwarded-Host": "evil.test",
    "X-Forwarded-Scheme": "nothttps",
    "X-Forwarded-Proto": "evil",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-For": "6.6.6.6",
    "X-Host": "evil.test",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-HTTP-Method-Override": "POST",
    "X-Http-Method": "PURGE",
    "X-Request-ID": "evil-evil-evil",
    "Forwarded": "host=evil.test",
    "Origin": "https://evil.test",
    "Referer": "https://evil.test/",
    "User-Agent": "evil",
    "Accept": "evil/evil",
    "Accept-Encoding": "evil",
    "Max-Forwards": "0",
    "Transfer-Encoding-X": "evil",
    "X-Api-Version": "evil",
    "Content-Type": "evil/evil",
    "Cache-Control": "evil",
    "Pragma": "evil",
    "If-None-Match": '"evil"',
    "X-Oversized": "evil" * 1500,
}
"""Headers by which published attacks got their own content into pages of others."""


@pytest.mark.parametrize("name", UNKEYED)
def test_no_header_of_one_client_gets_into_a_page_of_another(address, name):
    path = page(Cache_Control="max-age=60")
    poisoned = raw(
        address,
        f"GET {path} HTTP/1.1\r\nHost: site.test\r\n{name}: {UNKEYED[name]}\r\n"
        "Connection: close\r\n\r\n".encode(),
    )
    victim = request(address, path)
    assert b"evil" not in victim.body
    assert victim.status == 200
    assert poisoned.status in (200, 400, 431)


@pytest.mark.parametrize(
    "head",
    [
        "GET {path} HTTP/1.1\r\nHost: evil.test\r\n",
        "GET http://evil.test{path} HTTP/1.1\r\nHost: site.test\r\n",
        "GET http://site.test{path} HTTP/1.1\r\nHost: evil.test\r\n",
        "GET {path} HTTP/1.1\r\nHost: site.test:evil\r\n",
        "GET {path} HTTP/1.1\r\nHost: site.test\r\nHost: evil.test\r\n",
        "GET {path} HTTP/1.1\r\nHost: other.test\r\n",
        "GET {path} HTTP/1.1\r\nHost: site.test:99\r\n",
        "GET {path}#evil HTTP/1.1\r\nHost: site.test\r\n",
        "GET {path}%26evil=1 HTTP/1.1\r\nHost: site.test\r\n",
        "GET {path}&evil=1 HTTP/1.1\r\nHost: site.test\r\n",
        "GET {path};evil=1 HTTP/1.1\r\nHost: site.test\r\n",
        "GET /{path} HTTP/1.1\r\nHost: site.test\r\n",
        "GET /x/..{path} HTTP/1.1\r\nHost: site.test\r\n",
        "GET {path} HTTP/1.1\r\nHost: site.test\r\nAccept-Language: evil\r\n",
        "GET {path} HTTP/1.1\r\nHost: site.test\r\nContent-Length: 4\r\n\r\nevil",
        "POST {path} HTTP/1.1\r\nHost: site.test\r\nContent-Length: 4\r\n\r\nevil",
    ],
)
def test_an_address_that_is_not_quite_the_same_is_another(address, head):
    path = page(Cache_Control="max-age=60")
    raw(address, f"{head.format(path=path)}Connection: close\r\n\r\n".encode())
    victim = request(address, path)
    assert victim.status == 200
    assert b"evil" not in victim.body
    assert victim.seen("host") == ["site.test"]
    assert victim.json()["target"] == path


@pytest.mark.parametrize("end", ["/x.css", "/x.js", ";x.css", "%2Fx.css", "%00x.css", "%0ax.css"])
def test_an_ending_makes_no_page_of_somebody_s_public(address, end):
    path = f"/account{end}"
    first = request(address, path, Cookie="sessionid=mine")
    assert state(first) == ""
    assert b"sessionid" not in request(address, path).body


def test_the_page_of_health_is_asked_anew(address):
    assert not is_kept(address, "/healthz")
    assert not is_kept(address, f"/healthz?key={next(KEYS)}")


def test_variants_are_kept_apart(address):
    path = page()
    german, french = (request(address, path, Accept_Language=each) for each in ("de", "fr"))
    assert german.seen("accept-language") == ["de"]
    assert french.seen("accept-language") == ["fr"]
    assert request(address, path, Accept_Language="de").body == german.body


def test_one_fills_and_the_others_wait(address):
    path = page(seconds="0.3")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: request(address, path), range(8)))
    assert len({each.body for each in answers}) == 1


def test_the_old_is_given_while_the_new_is_asked_for_and_while_the_service_fails(place, address):
    path = page("/strict", Cache_Control="max-age=1")
    first = request(address, path)
    service = place.client.containers.get(f"{place.prefix}-strict-0-one")
    service.exec_run("touch /tmp/failing")
    try:
        time.sleep(2.2)  # nginx counts the age in whole seconds
        old = [request(address, path) for _ in range(3)]
        assert [each.status for each in old] == [200] * 3
        assert {each.body for each in old} == {first.body}
        assert all(state(each).startswith("webstack; hit; detail=") for each in old)
    finally:
        service.exec_run("rm /tmp/failing")
    end = time.monotonic() + 20
    while request(address, path).body == first.body:
        assert time.monotonic() < end, "the service serves again, and is not asked"
        time.sleep(0.1)


def test_a_purge_forgets_one_service_and_no_other(nginx, address):
    mine, other = page(), page("/strict", Cache_Control="max-age=60")
    for path in (mine, other):
        request(address, path)
    assert run(nginx, "webstack-purge plain unknown") == "plain\n"
    assert state(request(address, mine)) == MISS
    assert state(request(address, other)) == HIT


def test_another_release_begins_anew_and_so_does_the_one_before(place, nginx, address):
    path = page()
    assert request(address, path).json()["service"] == "plain-0-one"
    place.service("plain", release="two")
    for release in ("two", "one"):
        place.switch(nginx, "plain", release=release)
        end = time.monotonic() + 5
        while request(address, path).json()["service"] != f"plain-0-{release}":
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_full_memory_fails_no_request(nginx, address):
    """The memory has 16 MiB, and each answer takes 244 KiB."""
    with ThreadPoolExecutor(8) as pool:
        paths_asked = [page(size="249999") for _ in range(160)]
        answers = list(pool.map(lambda path: request(address, path), paths_asked))
    assert {each.status for each in answers} == {200}
    assert {len(each.body) for each in answers} == {249999}
    kept = int(run(nginx, f"du -sm {paths.cache('plain')} | cut -f1"))
    assert 1 < kept < 16
