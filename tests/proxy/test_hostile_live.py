"""Requests that would confuse two servers, or wear one out, end at the proxy."""

import socket
import time

import pytest

from tests.proxy.wire import PORT, parse, raw, received, request

pytestmark = pytest.mark.docker

POST = b"POST / HTTP/1.1\r\nHost: site.test\r\n"
GET = b"GET / HTTP/1.1\r\nHost: site.test\r\n"

REFUSED = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "chunks twice": POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n",
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coding list": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "identity": POST + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunks in 1.0": POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "length twice": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "same length twice": POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "length list": POST + b"Content-Length: 1, 1\r\n\r\na",
    "length plus": POST + b"Content-Length: +1\r\n\r\na",
    "length minus": POST + b"Content-Length: -1\r\n\r\n",
    "length hex": POST + b"Content-Length: 0x1\r\n\r\na",
    "length huge": POST + b"Content-Length: 99999999999999999999\r\n\r\n",
    "bad chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "chunk overflow": POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
    "no name": GET + b": value\r\n\r\n",
    "nul in a header": GET + b"X-A: a\0b\r\n\r\n",
    "nul in the address": b"GET /a\0b HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "encoded nul": b"GET /a%00b HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "bad escape": b"GET /%zz HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "above the root": b"GET /../../etc/passwd HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "above the root, encoded": b"GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "small letters": b"get / HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "next version": b"GET / HTTP/9.9\r\nHost: site.test\r\n\r\n",
    "http/2 opening": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no slash": b"GET index HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "connect": b"CONNECT site.test:80 HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "trace": b"TRACE / HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "long address": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: site.test\r\n\r\n",
    "long header": GET + b"X-A: " + b"a" * 9000 + b"\r\n\r\n",
    "many headers": GET + b"X-A: " + b"a" * 4000 + b"\r\n" + b"X-B: b\r\n" * 8000 + b"\r\n",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_be_read_in_two_ways_is_refused(address, case):
    """The proxy answers with an error of its own, and closes the connection."""
    answer = raw(address, REFUSED[case], timeout=3)
    assert answer.status in {400, 405, 414, 431, 501, 505}
    assert b'"service"' not in answer.body
    assert b"nginx" not in answer.body


@pytest.mark.parametrize(
    "header",
    [b"Transfer-Encoding : chunked", b" Transfer-Encoding: chunked", b"Content_Length: 50"],
)
def test_a_header_that_is_not_one_is_never_passed_on(address, header):
    hidden = b"0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: site.test\r\n\r\n"
    message = POST + header + b"\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden
    answers = b""
    with socket.create_connection((address, PORT), 2) as connection:
        connection.sendall(message)
        answers = received(connection)
    assert answers.count(b"HTTP/1.1 ") == 1
    if parse(answers).status == 200:
        assert b"transfer-encoding" not in answers.lower()
        assert parse(answers).json()["size"] == len(hidden)


@pytest.mark.parametrize(
    "path", ["/second%0d%0aX-Evil:1", "/%0d%0aX-Evil:%201", "/second/%0aX-Evil: 1"]
)
def test_line_ends_in_an_address_make_no_header(address, path):
    answer = request(address, path.replace(" ", "%20"))
    assert "x-evil" not in answer.headers


def test_a_client_that_sends_its_headers_slowly_is_let_go(address):
    with socket.create_connection((address, PORT), 20) as connection:
        began = time.monotonic()
        connection.sendall(b"GET / HTTP/1.1\r\n")
        while time.monotonic() - began < 15:
            connection.settimeout(1)
            try:
                if not connection.recv(100):
                    break
            except TimeoutError:
                connection.sendall(b"X: y\r\n")
            except ConnectionResetError:
                break
    assert time.monotonic() - began < 13


def test_slow_clients_keep_nobody_else_waiting(address):
    slow = [socket.create_connection((address, PORT), 5) for _ in range(200)]
    for connection in slow:
        connection.sendall(POST + b"Content-Length: 1000\r\n\r\nx")
    began = time.monotonic()
    assert request(address).status == 200
    assert time.monotonic() - began < 3
    for connection in slow:
        connection.close()
