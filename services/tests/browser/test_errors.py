"""Visitors see a helpful page where a sample has not what they ask for."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from services.tests.browser.addresses import GUESTBOOK, plain_only
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.docker, pytest.mark.browser, plain_only]


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/nothing-here", "localhost"),
        (f"{GUESTBOOK.path}/nothing-here", "localhost"),
        ("/nothing-here", GUESTBOOK.host),
    ],
)
def test_a_missing_page_of_a_service_is_shown_by_the_service(
    visitor: Visitor, path: str, host: str
):
    """The missing page is the only fault: its styles and scripts are there."""
    response = visitor.open(path, host)
    visitor.photograph(f"missing{path.replace('/', '-')}-{host}")
    assert response.status == 404
    heading = visitor.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("not found", ignore_case=True)
    assert all(response.url in fault for fault in visitor.faults)


def test_a_missing_page_leads_back(visitor: Visitor):
    visitor.open(f"{GUESTBOOK.path}/nothing-here")
    visitor.page.get_by_role("link", name="Back to the front page").click()
    expect(visitor.page).to_have_url(visitor.site.url(f"{GUESTBOOK.path}/"))
