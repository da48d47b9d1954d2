"""Nginx itself serves static files, and only names with a hash are kept for ever."""

import json
import time
from collections import Counter

import pytest

from tests.proxy.containers import put, run
from tests.proxy.wire import request

pytestmark = pytest.mark.docker

STYLE = "/static/css/app.0123456789ab.css"


def test_a_hashed_file_may_be_kept_for_ever(address):
    answer = request(address, STYLE)
    assert (answer.status, answer.body) == (200, b"body{}" * 500)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip", "gzip", b"as gzip"),
        ("br", "br", b"as brotli"),
        ("gzip, deflate, br", "br", b"as brotli"),
        ("identity", None, b"body{}" * 500),
    ],
)
def test_a_client_gets_the_best_compressed_form_it_takes(address, accepted, encoding, body):
    answer = request(address, STYLE, Accept_Encoding=accepted)
    assert (answer.headers.get("content-encoding"), answer.body) == (encoding, body)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"].endswith("immutable")


def test_each_service_has_static_files_of_its_own_under_its_prefix(address):
    assert request(address, "/second/static/logo-0a1b2c3d.svg").body == b"<svg/>"
    assert request(address, STYLE, "plain.test").status == 200
    assert request(address, f"/second{STYLE}").status == 404


def test_a_hashed_file_that_no_release_has_is_not_found_and_not_kept(address):
    answer = request(address, "/static/css/app.ffffffffffff.css")
    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"


def test_a_file_is_served_as_soon_as_it_is_there_although_it_was_missed_before(address, nginx):
    path = "/static/late.00000000cafe.js"
    assert request(address, path).status == 404
    put(nginx, "/srv/static/plain/late.00000000cafe.js", b"late")
    assert request(address, path).body == b"late"


@pytest.mark.parametrize(
    "path",
    [
        "/static/css/app.css",
        "/static/",
        "/static/css",
        "/static/app.abc.css",
        "/static/0123456789ab/x.css",
    ],
)
def test_a_name_without_a_hash_that_is_no_file_goes_to_the_service(address, path):
    answer = request(address, path)
    assert answer.json()["target"] == path
    assert "cache-control" not in answer.headers


def test_a_file_without_a_hash_is_asked_for_again_at_each_use(address, nginx):
    path = "/static/report-20240131.pdf"
    put(nginx, "/srv/static/plain/report-20240131.pdf", b"first")
    answer = request(address, path)
    assert (answer.status, answer.body) == (200, b"first")
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    tag = answer.headers["etag"]
    assert request(address, path, If_None_Match=tag).status == 304
    put(nginx, "/srv/static/plain/report-20240131.pdf", b"second")
    assert request(address, path, If_None_Match=tag).body == b"second"


def test_a_name_that_is_no_file_is_treated_as_any_other_request(address):
    posted = request(address, "/second/static/x.txt", method="POST", body=b"x")
    assert posted.json()["target"] == "/second/static/x.txt"
    streamed = request(address, "/static/events", Accept="text/event-stream")
    assert streamed.json()["target"] == "/static/events"


def test_a_service_without_static_files_gets_every_request(address):
    assert request(address, STYLE, "apart.test").json()["service"].startswith("apart")


def test_an_unchanged_file_is_not_sent_again(address):
    tag = request(address, STYLE).headers["etag"]
    answer = request(address, STYLE, If_None_Match=tag)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["cache-control"].endswith("immutable")


def test_head_and_ranges_work(address):
    head = request(address, STYLE, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "3000")
    part = request(address, STYLE, Range="bytes=0-5")
    assert (part.status, part.body) == (206, b"body{}")


def test_a_static_file_cannot_be_posted_to(address):
    assert request(address, STYLE, method="POST", body=b"x").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/../secret.0123456789ab.txt",
        "/static/%2e%2e/secret.0123456789ab.txt",
        "/static/..%2fsecret.0123456789ab.txt",
        "/static/css/..%2f..%2f..%2fsecret.0123456789ab.txt",
        "/static/%2e%2e%2f%2e%2e%2fsecret.0123456789ab.txt",
        "/static../secret.0123456789ab.txt",
        "/second/static/../../plain/css/app.0123456789ab.css",
        "/static/..%5csecret.0123456789ab.txt",
        "/static/....//secret.0123456789ab.txt",
        "/static/%00/app.0123456789ab.css",
    ],
)
def test_no_file_outside_is_reached(address, path):
    answer = request(address, path)
    assert answer.body != b"secret"
    assert b"body{}" not in answer.body


TURN_OVER = "import sys; sys.path.append('/usr/lib/webstack'); import webstack_log as log; "


def test_each_request_is_logged_once_while_the_log_is_turned_over_and_nginx_reloads(nginx, address):
    asked = [f"/static/{number}.0123456789ab.gone" for number in range(60)]
    for number, path in enumerate(asked):
        if number == 20:
            run(nginx, f'python3 -c "{TURN_OVER}log.turn_over(full=1)"')
        if number == 40:
            run(nginx, "webstack-reload")
        assert request(address, path).status == 404
    for _ in range(100):
        lines = run(nginx, "webstack-log --last 1000").splitlines()
        logged = Counter(json.loads(line.partition(" ")[2])["path"] for line in lines)
        if logged.keys() >= {*asked}:
            break
        time.sleep(0.1)
    assert [logged[path] for path in asked] == [1] * 60
    assert run(nginx, "ls /var/log/webstack").split() == ["access.log", "access.log.1", "lock"]
