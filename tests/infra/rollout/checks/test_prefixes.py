"""The front page of a service under a path is searched for addresses outside of that path."""

from __future__ import annotations

import pytest

from infra.rollout.checks.prefixes import Page, Prefix, outside

HOST = "site.test:8080"
KNOWS, CUT = Prefix("/blog"), Prefix("/blog", cut=True)


def html(page: str) -> Page:
    return Page(status=200, type="text/html; charset=utf-8", page=page)


def said(prefix: Prefix, pages: dict[str, Page]) -> str:
    """Give the warnings for a service with these pages, by the addresses that the service gets."""
    return outside(prefix, HOST, lambda address: pages.get(address, Page(status=404)))


@pytest.mark.parametrize(
    "page",
    [
        "<p>nothing",
        '<link rel=stylesheet href="/blog/static/a.css"><script src="/blog/a.js?v=1"></script>',
        '<img src="picture.png"><img src="./x/y.png"><img src="data:image/png;base64,AA">',
        '<script src="https://elsewhere.test/static/a.js"></script><img src="//cdn.test/a.png">',
        f'<script src="http://{HOST}/blog/a.js"></script>',
        '<link rel="canonical" href="/other"><link rel=next href="/2">',
        '<a href="/">the whole site</a><form><input></form>',
        '<form action="/blog">',
        '<base href="/blog/"><img src="a.png">',
        '<img src="http://[broken/a.png"><script src></script>',
    ],
)
def test_what_lies_below_the_path_or_elsewhere_needs_no_word(page: str):
    assert said(KNOWS, {"/blog/": html(page)}) == ""
    assert said(CUT, {"/": html(page)}) == ""


@pytest.mark.parametrize(
    ("page", "named"),
    [
        ('<link rel="stylesheet" href="/static/site.css">', "/static/site.css, which lies"),
        ('<LINK HREF=/static/site.css REL="shortcut icon">', "/static/site.css"),
        ('<script src="/static/a.js?v=3"></script>', "/static/a.js"),
        (f'<img src="http://{HOST}/media/a.png">', "/media/a.png"),
        ('<form action="/login" method=post>', "/login"),
        ('<img src="../up.png">', "/up.png"),
        ('<script src="/blogger/a.js"></script>', "/blogger/a.js"),
        ('<base href="/"><img src="a.png">', "/a.png"),
        (
            "".join(f'<img src="/{number}.png">' for number in range(9)),
            "/0.png, /1.png, /2.png and 6 more, which lie",
        ),
    ],
)
def test_what_lies_outside_is_named_with_the_way_out(page: str, named: str):
    for prefix, at in ((KNOWS, "/blog/"), (CUT, "/")):
        line = said(prefix, {at: html(page)})
        assert line.startswith(f"its page /blog/ names {named}")
        assert line.endswith("; use hosts: [blog.site.test] in place of path")


def test_redirects_are_followed_to_the_page():
    bad = html('<img src="/a.png">')
    moved = Page(status=302, location="/blog/login?next=/blog/")
    assert "its page /blog/login names /a.png" in said(KNOWS, {"/blog/": moved, "/blog/login": bad})
    moved = Page(status=302, location="/login")
    assert "its page /blog/login names /a.png" in said(CUT, {"/": moved, "/login": bad})
    moved = Page(status=301, location=f"http://{HOST}/blog/login")
    assert "its page /blog/login names /a.png" in said(CUT, {"/": moved, "/login": bad})


def test_a_redirect_out_of_the_path_is_told():
    moved = Page(status=302, location="/login")
    assert said(KNOWS, {"/blog/": moved}).startswith(
        "its page /blog/ sends browsers on to /login, which lies outside of its path /blog"
    )


@pytest.mark.parametrize(
    "location", ["https://elsewhere.test/", "//elsewhere.test/", "http://[", "/blog/"]
)
def test_a_redirect_that_leads_to_nothing_of_its_own_is_not_judged(location: str):
    assert said(KNOWS, {"/blog/": Page(status=302, location=location)}) == ""


def test_one_that_answers_without_its_path_alone_is_told_how_to_be_asked_so():
    line = said(KNOWS, {"/": Page(status=200)})
    assert line == (
        "it has a page at / and none at /blog/, so it does not know its path; add "
        "strip_prefix: true"
    )
    assert said(CUT, {"/blog/": Page(status=200)}) == ""


def test_what_is_no_page_or_no_answer_is_not_judged():
    page = '<img src="/a.png">'
    assert said(KNOWS, {}) == ""
    assert said(KNOWS, {"/blog/": Page()}) == ""
    assert said(KNOWS, {"/blog/": Page(status=200, type="application/json", page=page)}) == ""


def test_the_service_is_told_of_its_path_as_the_proxy_tells_it():
    assert KNOWS.headers == ("X-Forwarded-Prefix: /blog", "SCRIPT_NAME: /blog")
    assert CUT.headers == ("X-Forwarded-Prefix: /blog",)
