import re

import pytest
from django.contrib.staticfiles import finders


def test_greets_without_database_and_cookies(client, django_no_queries):
    page = client.get("/")
    assert "<h1>Hello, World!</h1>" in page.content.decode()
    assert not page.cookies


@pytest.fixture
def django_no_queries(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        yield
    assert queries.captured_queries == []


@pytest.mark.parametrize("path", ["/", "/guestbook/", "/nowhere"])
@pytest.mark.parametrize("prefix", ["", "/some/prefix", "/other"])
def test_every_link_stays_under_the_prefix_and_every_file_is_there(ask, path, prefix):
    page = ask(path, prefix).text
    links = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert len(links) > 5
    for link in links:
        assert link.startswith(f"{prefix}/")
        if "/static/" in link:
            assert finders.find(link.removeprefix(f"{prefix}/static/"))


@pytest.mark.parametrize("path", ["/", "/guestbook/"])
def test_nothing_is_inline_or_foreign(client, path):
    page = client.get(path)
    assert not re.search(r"<style|style=|<script>|\son\w+=|https?://", page.content.decode())
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_an_unknown_address_and_host(client):
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert "<h1>Not found</h1>" in page.content.decode()
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_a_failure_shows_a_page_that_tells_nothing(client, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("website.pages.render", fail)
    client.raise_request_exception = False
    page = client.get("/")
    assert page.status_code == 500
    assert "<h1>Server error</h1>" in page.content.decode()
    assert "secret" not in page.content.decode()
    assert [record.exc_info[0] for record in caplog.records] == [RuntimeError]


def test_a_browser_that_asks_for_the_icon_is_led_to_the_picture(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/static/website/picture.svg")
