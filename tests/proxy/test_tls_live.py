"""A real nginx serves HTTPS: certificates, HTTP/2, and no loss at a reload or a replacement."""

import dataclasses
import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy import RoutedService, Site, Tls, paths
from tests.authority import own_authority
from tests.proxy.containers import Town, put, run
from tests.proxy.http2 import Connection, Http2Load

pytestmark = pytest.mark.docker

HOST = "site.test"
SITE = Site(
    hosts=(HOST,),
    backends=(RoutedService("plain", path="/", timeout=5, body_limit=1),),
    tls=Tls(published=8443, hsts="max-age=60"),
)
CERTIFICATE = f"{paths.CERTIFICATES_DIRECTORY}/{paths.SITE_CERTIFICATE}.pem"


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> str:
    return str(own_authority(tmp_path_factory.mktemp("tls") / "own.pem", HOST))


@pytest.fixture(scope="module")
def place(engine, proxy_image, authority) -> Iterator[Town]:
    made = Town(engine, proxy_image)
    made.holder()
    made.holder(tls=True)
    nginx = made.nginx(SITE)
    put(nginx, CERTIFICATE, Path(authority).read_bytes(), 0o400)
    made.service("plain")
    made.switch(nginx, "plain")
    made.configure(nginx, SITE)
    yield made
    made.clear()


@pytest.fixture
def nginx(place):
    return place.client.containers.get(f"{place.prefix}-nginx")


@pytest.fixture
def address(place) -> tuple[str, int]:
    return place.address(tls=True), paths.TLS_PORT


def resumed(context: ssl.SSLContext, address, before=None) -> tuple[ssl.SSLSession, bool]:
    """Send one request, with the session of an earlier one; gives its own session."""
    raw = socket.create_connection(address, timeout=10)
    with context.wrap_socket(raw, server_hostname=HOST, session=before) as made:
        made.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert made.recv(100).startswith(b"HTTP/1.1 200")
        return made.session, made.session_reused


def test_a_service_hears_of_https(address, authority):
    with Connection(address, HOST, authority) as connection:
        answer = connection.ask("GET", "/", [])

    assert answer.status == 200
    assert b'["x-forwarded-proto", "https"]' in answer.body
    assert answer.headers["strict-transport-security"] == "max-age=60"


def test_who_comes_without_tls_is_sent_to_it(place):
    client = http.client.HTTPConnection(place.address(), paths.PORT)
    client.request("POST", "/a%20b?c=1", b"x", headers={"Host": f"{HOST}:8080"})
    answer = client.getresponse()
    client.close()

    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{HOST}:8443/a%20b?c=1"


def test_a_certificate_is_renewed_without_a_reload(nginx, address, authority, tmp_path):
    before = nginx.exec_run("cat /proc/1/task/1/children").output
    renewed = own_authority(tmp_path / "new.pem", HOST)
    put(nginx, f"{CERTIFICATE}.next", renewed.read_bytes(), 0o400)
    run(nginx, f"mv {CERTIFICATE}.next {CERTIFICATE}")
    try:
        with Connection(address, HOST, str(renewed)) as connection:
            assert connection.ask("GET", "/", []).status == 200
        assert nginx.exec_run("cat /proc/1/task/1/children").output == before
    finally:
        put(nginx, CERTIFICATE, Path(authority).read_bytes(), 0o400)


def test_sessions_outlive_a_reload_and_the_next_nginx(place, nginx, address, authority):
    context = ssl.create_default_context(cafile=authority)
    first, _ = resumed(context, address)
    run(nginx, "webstack-reload")
    second, after_reload = resumed(context, address, first)
    following = place.nginx(SITE, "second")
    nginx.stop(timeout=20)
    _, at_the_next = resumed(context, address, second)
    nginx.start()
    following.stop(timeout=20)

    assert after_reload
    assert at_the_next


def test_reloads_lose_no_body_that_cannot_be_sent_again(nginx, address, authority):
    with Http2Load(address, HOST, authority, 12) as load:
        for _ in range(5):
            run(nginx, "webstack-reload")

    assert load.sent > 500
    assert load.connections > 12  # they were told to leave
    assert load.failures == {}


def test_another_nginx_follows_without_a_lost_body(place, nginx, address, authority):
    with Http2Load(address, HOST, authority, 12) as load:
        following = place.nginx(SITE, "third")
        nginx.stop(timeout=30)
        nginx.start()
        following.stop(timeout=30)

    assert load.sent > 200
    assert load.failures == {}


def test_a_body_of_no_told_size_is_counted_or_small(address, authority):
    parts = [b"x" * 8000] * 4
    answers = {}
    for method in ("GET", "POST"):
        with Connection(address, HOST, authority) as connection:
            answers[method] = connection.ask(method, "/", parts)
    with Connection(address, HOST, authority) as connection:
        little = connection.ask("GET", "/", [b"x" * 100] * 2)

    assert answers["GET"].status == 413
    assert answers["POST"].status == 200
    assert json.loads(answers["POST"].body)["size"] == 32000
    assert json.loads(little.body)["size"] == 200


def said(place, **headers: str) -> dict[str, str]:
    client = http.client.HTTPConnection(place.address(), paths.PORT)
    client.request("GET", "/", headers={"Host": HOST, **headers})
    answer = client.getresponse().read()
    client.close()
    return dict(json.loads(answer)["headers"])


def test_only_a_trusted_proxy_says_who_asks(place, nginx):
    claims = {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": f"{HOST}:443",
    }
    plain = dataclasses.replace(SITE, tls=None)
    try:
        place.configure(nginx, plain)
        believed_by_nobody = said(place, **claims)
        place.configure(nginx, dataclasses.replace(plain, trusted=("172.16.0.0/12",)))
        believed = said(place, **claims)
        foreign = said(place, **{**claims, "X-Forwarded-Host": "evil.test"})
    finally:
        place.configure(nginx, SITE)

    assert believed_by_nobody["x-forwarded-proto"] == "http"
    assert believed_by_nobody["x-forwarded-for"].startswith("172.")
    assert believed_by_nobody["host"] == HOST
    assert believed["x-forwarded-for"] == "198.51.100.7"
    assert believed["x-forwarded-proto"] == "https"
    assert believed["host"] == f"{HOST}:443"
    assert foreign["host"] == HOST


def test_a_service_is_out_for_all_but_those_who_look_after_it(place, nginx):
    flag = f"{paths.MAINTENANCE_DIRECTORY}/plain"
    plain = dataclasses.replace(SITE, tls=None)
    ask = (
        "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8080);"
        f"c.request('GET', '/', headers={{'Host': '{HOST}'}}); print(c.getresponse().status)"
    )
    client = http.client.HTTPConnection(place.address(), paths.PORT)
    try:
        place.configure(nginx, plain)
        run(nginx, f"mkdir -p {paths.MAINTENANCE_DIRECTORY} && touch {flag}")
        client.request("GET", "/", headers={"Host": HOST})
        out = client.getresponse()
        out.read()
        within = place.client.containers.get(f"{place.prefix}-holder").exec_run(
            ["python3", "-c", ask]
        )
        run(nginx, f"rm {flag}")
        client.request("GET", "/", headers={"Host": HOST})
        back = client.getresponse()
        back.read()
    finally:
        client.close()
        place.configure(nginx, SITE)

    assert (out.status, out.headers["Retry-After"]) == (503, "5")
    assert within.output.strip() == b"200"
    assert back.status == 200
