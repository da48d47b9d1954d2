"""The proxy answers failures with pages of its own, and other services serve on."""

import json
import time

import pytest

from tests.proxy.wire import raw, request

pytestmark = pytest.mark.docker

JSON = "application/json, */*;q=0.5"


def test_a_service_that_is_down_is_503_and_the_others_serve_on(address):
    answer = request(address, "/absent/x")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
    assert b"It should be back in a moment" in answer.body
    assert request(address, "/").status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_every_method_gets_the_page(address, method):
    answer = request(address, "/absent/x", method=method, body=b"x" * 1000)
    assert answer.status == 503
    assert b"Service not available" in answer.body


def test_head_gets_the_headers_of_the_page(address):
    answer = request(address, "/absent/x", method="HEAD")
    assert (answer.status, answer.body) == (503, b"")


@pytest.mark.parametrize(("path", "status"), [("/absent/x", 503), ("/broken", 502)])
def test_a_client_that_asks_for_json_gets_json(address, path, status):
    answer = request(address, path, Accept=JSON)
    page = json.loads(answer.body)
    assert answer.headers["content-type"] == "application/json"
    assert (answer.status, page["status"]) == (status, status)
    assert page["request_id"] == answer.headers["x-request-id"]


def test_a_browser_gets_html(address):
    answer = request(address, "/absent/x", Accept="text/html,application/json;q=0.9")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-request-id"].encode() in answer.body


def test_a_service_that_hangs_up_is_502_and_not_to_be_tried_again(address):
    answer = request(address, "/broken")
    assert answer.status == 502
    assert "retry-after" not in answer.headers


def test_a_service_that_takes_too_long_is_504(address):
    began = time.monotonic()
    assert request(address, "/?seconds=9").status == 504
    assert 0.9 < time.monotonic() - began < 8


def test_an_error_of_the_service_itself_passes_as_it_is(address):
    answer = request(address, "/failing")
    assert (answer.status, answer.json()) == (503, {"mine": True})
    assert "retry-after" not in answer.headers


def test_a_body_over_the_limit_is_413(address):
    answer = request(address, method="POST", body=b"x" * 1_200_000)
    assert answer.status == 413
    assert b"Request too large" in answer.body


def test_a_body_in_chunks_over_the_limit_is_413(address):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    top = b"POST / HTTP/1.1\r\nHost: site.test\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert raw(address, top + chunk * 20 + b"0\r\n\r\n").status == 413


@pytest.mark.parametrize(
    ("path", "host", "status", "retry_after"),
    [
        ("/absent/x", "site.test", 503, "5"),
        ("/second/broken", "site.test", 502, None),
        ("/second/?seconds=4", "site.test", 504, None),
        ("/second", "site.test", 308, None),
        ("/%73econd/", "site.test", 404, None),
        ("/", "nobody.test", 404, None),
    ],
)
def test_a_large_body_changes_nothing_about_what_went_wrong(
    address, path, host, status, retry_after
):
    """The error page has no limit of its own, which would turn every other status into 413."""
    answer = request(address, path, host=host, method="POST", body=b"x" * 5_000_000)
    assert (answer.status, answer.headers.get("retry-after")) == (status, retry_after)


@pytest.mark.parametrize(("path", "size"), [("/dying", 900_000), ("/second/dying", 18_000_000)])
def test_a_service_that_dies_within_an_upload_is_502_and_the_next_one_is_served(
    address, path, size
):
    """The second service gets its body as it comes: the client has not sent all of it by then."""
    answer = request(address, path, method="POST", body=b"x" * size)
    assert (answer.status, answer.headers.get("retry-after")) == (502, None)
    assert b"<h1>" in answer.body
    again = request(address, path.replace("dying", ""), method="POST", body=b"x" * 900_000)
    assert again.json()["size"] == 900_000


@pytest.mark.parametrize("size", [1, 100_000, 1_000_000])
def test_a_body_under_the_limit_arrives_whole(address, size):
    answer = request(address, "/", method="POST", body=b"x" * size)
    assert answer.json()["size"] == size


def test_a_service_with_a_large_limit_is_sent_the_body_as_it_comes(address):
    answer = request(address, "/second/", method="POST", body=b"x" * 18_000_000)
    assert answer.json()["size"] == 18_000_000
