"""Requests reach the service that the routes name, through a real nginx, as they were sent."""

import pytest

from tests.proxy.wire import raw, request

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(
    ("host", "path", "service"),
    [
        ("site.test", "/", "plain"),
        ("site.test:8080", "/deep/path", "plain"),
        ("SITE.test", "/", "plain"),
        ("site.test", "/secondx", "plain"),
        ("site.test", "/second/", "second"),
        ("site.test", "/second/deep?x=1", "second"),
        ("plain.test", "/second/", "plain"),
        ("apart.test", "/anything", "apart"),
    ],
)
def test_a_request_goes_to_the_service_of_its_route(address, host, path, service):
    answer = request(address, path, host)
    assert answer.status == 200
    assert answer.json()["service"].startswith(service)
    assert answer.json()["target"] == path


def test_a_prefix_without_its_slash_is_sent_to_the_address_with_it(address):
    answer = request(address, "/second?x=%2F", method="POST")
    assert (answer.status, answer.headers["location"]) == (308, "/second/?x=%2F")


def test_only_a_service_under_a_prefix_hears_of_it(address):
    under, root = request(address, "/second/a"), request(address, "/a")
    assert under.seen("SCRIPT_NAME") == under.seen("X-Forwarded-Prefix") == ["/second"]
    assert root.seen("SCRIPT_NAME") == root.seen("X-Forwarded-Prefix") == []


@pytest.mark.parametrize("path", ["/a%2Fb//c%20d?q=%41&r=a+b", "/second/x%2Fy//z?%2e"])
def test_a_service_gets_the_address_as_it_was_written(address, path):
    assert request(address, path).json()["target"] == path


@pytest.mark.parametrize("path", ["/%73econd/x", "//second/x", "/x/../second/x"])
def test_a_prefix_written_otherwise_is_not_found(address, path):
    assert request(address, path).status == 404


@pytest.mark.parametrize("host", ["unknown.test", "127.0.0.1", "site.test.evil.test", "_"])
def test_a_host_that_nobody_serves_gets_the_page_404(address, host):
    answer = request(address, host=host)
    assert answer.status == 404
    assert b"Nothing is served at this address" in answer.body


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: site.test\r\nHost: other.test\r\n\r\n", 400),
        (b"GET http://site.test/ HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n", 400),
        (b"GET http://site.test/ HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n", 200),
        (b"GET http://evil.test/ HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_odd_hosts_are_refused(address, message, status):
    assert raw(address, message).status == status


def test_what_a_client_forwards_is_replaced(address):
    answer = request(
        address,
        "/second/",
        X_Forwarded_For="6.6.6.6",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="evil.test",
        X_Forwarded_Prefix="/evil",
        X_Forwarded_Ssl="on",
        X_Forwarded_Protocol="ssl",
        X_Forwarded_Port="443",
        X_Real_IP="6.6.6.6",
        Forwarded="for=6.6.6.6",
        Proxy="http://evil.test",
    )
    assert answer.seen("X-Forwarded-For") != ["6.6.6.6"]
    assert len(answer.seen("X-Forwarded-For")) == 1
    assert answer.seen("X-Forwarded-Proto") == ["http"]
    assert answer.seen("X-Forwarded-Host") == answer.seen("Host") == ["site.test"]
    assert answer.seen("X-Forwarded-Prefix") == ["/second"]
    for name in ("X-Forwarded-Ssl", "X-Forwarded-Protocol", "X-Forwarded-Port", "X-Real-IP"):
        assert answer.seen(name) == []
    assert answer.seen("Forwarded") == answer.seen("Proxy") == []


def test_headers_with_underscores_never_reach_a_service(address):
    message = (
        b"GET / HTTP/1.1\r\nHost: site.test\r\nSCRIPT_NAME: /evil\r\nX_Forwarded_For: 6.6.6.6\r\n"
        b"Connection: close\r\n\r\n"
    )
    answer = raw(address, message)
    assert answer.seen("SCRIPT_NAME") == answer.seen("X_Forwarded_For") == []


def test_a_sane_request_id_is_kept_and_given_back(address):
    answer = request(address, X_Request_ID="3f2b8a10-aaaa-bbbb.c_1")
    assert answer.seen("X-Request-ID") == ["3f2b8a10-aaaa-bbbb.c_1"]
    assert answer.headers["x-request-id"] == "3f2b8a10-aaaa-bbbb.c_1"


@pytest.mark.parametrize(
    "sent", ["", "short", "x" * 129, "has space", '"quoted-id"', "a,b,c,d,e,f"]
)
def test_any_other_request_id_is_replaced(address, sent):
    answer = request(address, X_Request_ID=sent)
    assert answer.seen("X-Request-ID") == [answer.headers["x-request-id"]]
    assert len(answer.headers["x-request-id"]) == 32


def test_headers_are_added_only_where_the_service_did_not_decide(address):
    plain, decided, framed = (request(address, f"/{path}") for path in ("", "decided", "framed"))
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert plain.headers["x-frame-options"] == "SAMEORIGIN"
    assert plain.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert decided.headers["x-content-type-options"] == "none"
    assert decided.headers["x-frame-options"] == "DENY"
    assert decided.headers["referrer-policy"] == "no-referrer"
    assert decided.headers["x-request-id"] != "mine"
    assert "x-frame-options" not in framed.headers
    assert plain.headers["server"] == "nginx"


def test_text_of_a_service_is_compressed_for_those_who_ask(address):
    packed, plain = request(address, "/page", Accept_Encoding="gzip"), request(address, "/page")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert len(packed.body) < len(plain.body) / 10
    assert "content-encoding" not in plain.headers


def test_a_service_may_refuse_to_be_compressed(address):
    answer = request(address, "/uncompressed", Accept_Encoding="gzip")
    assert answer.body == b"secret" * 1000
