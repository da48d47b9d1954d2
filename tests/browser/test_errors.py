"""What visitors see who ask for what is not there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import plain_only
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.docker, pytest.mark.browser, plain_only]


def test_an_unknown_host_gets_a_page_that_needs_nothing_else(visitor: Visitor):
    response = visitor.open("/", "nobody.localhost")
    visitor.photograph("unknown-host")
    assert response.status == 404
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    request_id = response.headers["x-request-id"]
    expect(page.get_by_text(request_id)).to_be_visible()
    assert [answer.url for answer in visitor.responses] == [response.url]


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/nothing-here", "localhost"),
        ("/django/nothing-here", "localhost"),
        ("/nothing-here", "django.localhost"),
    ],
)
def test_a_missing_page_of_a_service_is_shown_by_the_service(
    visitor: Visitor, path: str, host: str
):
    """It is the only fault: its styles and scripts are there."""
    response = visitor.open(path, host)
    visitor.photograph(f"missing{path.replace('/', '-')}-{host}")
    assert response.status == 404
    heading = visitor.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("not found", ignore_case=True)
    assert all(response.url in fault for fault in visitor.faults)


def test_a_missing_page_leads_back(visitor: Visitor):
    visitor.open("/django/nothing-here")
    visitor.page.get_by_role("link", name="Back to the front page").click()
    expect(visitor.page).to_have_url(visitor.site.url("/django/"))
