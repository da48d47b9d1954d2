"""Each page, in each environment, by path and by host, is loaded once and checked in all ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from services.tests.browser.addresses import GUESTBOOK, NOTES, plain_only
from tests.browser.visitor import Site, Visitor
from tests.browser.visits import Enter, admission

pytestmark = [pytest.mark.docker, pytest.mark.browser]

HELLO = "Hello, World!"
PAGES = {
    "flask-front": (f"{NOTES.path}/", "localhost", HELLO),
    "flask-board": (f"{NOTES.path}/board", "localhost", "Board"),
    "flask-front-by-host": ("/", NOTES.host, HELLO),
    "flask-board-by-host": ("/board", NOTES.host, "Board"),
    "django-front": (f"{GUESTBOOK.path}/", "localhost", HELLO),
    "django-guestbook": (f"{GUESTBOOK.path}/guestbook/", "localhost", "Guestbook"),
    "django-front-by-host": ("/", GUESTBOOK.host, HELLO),
    "django-guestbook-by-host": ("/guestbook/", GUESTBOOK.host, "Guestbook"),
}
HASHED = re.compile(r"/static/.+\.[0-9a-f]{12}\.(css|js|svg|png)$")
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Visit:
    """A page that has loaded all that it asked for."""

    name: str
    heading: str
    visitor: Visitor
    response: Response

    @property
    def page(self) -> Page:
        return self.visitor.page


@pytest.fixture(scope="module", params=PAGES)
def visit(request: Any, site: Site, browser: Browser) -> Iterator[Visit]:
    """Visit each page for the first time."""
    path, host, heading = PAGES[request.param]
    with admission(site, browser) as enter:
        visitor = enter()
        yield Visit(request.param, heading, visitor, visitor.open(path, host))


def test_it_loads_without_a_fault(visit: Visit):
    assert visit.response.status == 200
    assert visit.visitor.faults == []


def test_it_says_what_it_is(visit: Visit):
    expect(visit.page.get_by_role("heading", level=1)).to_have_text(visit.heading)
    expect(visit.page.get_by_role("navigation", name="Pages")).to_be_visible()
    expect(visit.page.locator("html")).to_have_attribute("lang", "en")
    assert visit.page.title().startswith(visit.heading)
    assert visit.page.locator("img:not([alt])").count() == 0


def test_its_style_script_and_picture_are_in_use(visit: Visit):
    """The style draws a line under the header; the script tells how long the page took."""
    expect(visit.page.locator("body > header")).to_have_css("border-bottom-style", "solid")
    expect(visit.page.locator("body > footer")).to_contain_text(re.compile(r"here in \d+ ms"))
    picture = visit.page.locator("body > header img")
    assert picture.evaluate("img => img.complete && img.naturalWidth > 0")


def test_its_icon_is_there(visit: Visit):
    icon = visit.page.locator("link[rel=icon]").get_attribute("href")
    assert icon is not None
    assert visit.visitor.status_of(icon) == 200


def test_its_files_have_hashed_names_and_are_kept_for_ever(visit: Visit):
    files = visit.visitor.files
    assert {"stylesheet", "script", "image"} <= {file.request.resource_type for file in files}
    for file in files:
        assert HASHED.search(file.url), file.url
        assert {"public", "immutable"} <= set(file.headers["cache-control"].split(", "))


def test_its_text_files_come_compressed(visit: Visit):
    sheets = [file for file in visit.visitor.files if file.url.endswith(".css")]
    assert {sheet.headers["content-encoding"] for sheet in sheets} <= {"br", "gzip"}


def test_it_fits_a_desk_and_a_phone(visit: Visit):
    """The page is photographed in both sizes, and never scrolls sideways."""
    for view, width, scheme in (("desk", 1280, "light"), ("phone", 375, "dark")):
        visit.page.set_viewport_size({"width": width, "height": 812})
        visit.page.emulate_media(color_scheme=scheme)
        visit.visitor.photograph(f"{visit.name}-{view}")
        assert visit.page.evaluate(OVERFLOW) == 0, view


@plain_only
@pytest.mark.parametrize("name", ["flask-front", "flask-board", "django-front"])
def test_it_can_be_read_without_javascript(enter: Enter, name: str):
    path, host, heading = PAGES[name]
    visitor = enter(java_script_enabled=False)
    visitor.open(path, host)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(heading)
    assert visitor.faults == []


@plain_only
@pytest.mark.parametrize("start", [f"{NOTES.path}/", f"{GUESTBOOK.path}/"])
def test_all_links_lead_somewhere(visitor: Visitor, start: str):
    visitor.open(start)
    links = visitor.page.locator("body > header a, main a").all()
    targets = {str(link.get_attribute("href")) for link in links}
    assert len(targets) >= 3
    for target in sorted(targets):
        assert visitor.open(target).status == 200, target
    assert visitor.faults == []


@plain_only
def test_pages_that_name_no_icon_find_one_all_the_same(visitor: Visitor):
    """Browsers guess the icon's address where a page names none, such as the JSON of the API."""
    visitor.open(f"{NOTES.path}/api/notes")
    assert visitor.status_of("/favicon.ico") == 200
    assert visitor.faults == []


@plain_only
@pytest.mark.parametrize("path", [f"{NOTES.path}/board", f"{GUESTBOOK.path}/admin/login/"])
def test_a_second_visit_fetches_no_file_again(visitor: Visitor, path: str):
    visitor.open(path)
    assert visitor.transferred()
    visitor.open(path)
    assert visitor.transferred() == []
