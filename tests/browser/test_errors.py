"""Visitors see a helpful page where a host or a service has not what they ask for."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.docker, pytest.mark.browser]


def test_an_unknown_host_gets_a_page_that_needs_nothing_else(visitor: Visitor):
    response = visitor.open("/", "nobody.localhost")
    visitor.photograph("unknown-host")
    assert response.status == 404
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    request_id = response.headers["x-request-id"]
    expect(page.get_by_text(request_id)).to_be_visible()
    assert [answer.url for answer in visitor.responses] == [response.url]
