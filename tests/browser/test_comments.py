"""Reviewers see the comments of previews rendered, at the width of a pull request."""

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Page

from tests.browser.visitor import SCREENSHOTS
from tests.webstack.cli.review.write_golden import recording
from webstack.cli.review.document import parse
from webstack.cli.review.markdown import comment
from webstack.cli.review.reading import review

pytestmark = pytest.mark.browser

WIDTH = 860  # of a comment on GitHub
STYLE = """
body { font: 14px/1.5 sans-serif; width: 800px; margin: 16px; color: #1f2328; }
table { border-collapse: collapse; } td, th { border: 1px solid #d1d9e0; padding: 6px 13px; }
tr:nth-child(2n) { background: #f6f8fa; }
code { background: #eff1f3; border-radius: 6px; padding: .2em .4em; font: 12px monospace; }
pre { background: #f6f8fa; padding: 16px; overflow: auto; border-radius: 6px; }
pre code { padding: 0; } blockquote { border-left: 4px solid #d1d9e0; padding-left: 1em; }
"""


def page_of(browser: Browser, case: str, note: str = "") -> Page:
    """Give the rendered comment of a recorded preview, with raw HTML as GitHub lets it pass."""
    text = comment(review(parse(recording(case, "cli"))), note)
    html = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})
    page.set_content(f"<meta charset=utf-8><style>{STYLE}</style>{html}")
    return page


@pytest.mark.parametrize("case", ["code", "environment", "port", "removed-service", "new-service"])
def test_a_comment_is_rendered_as_it_is_meant(browser: Browser, case: str):
    page = page_of(browser, case, note="From a fork: without the secrets of the project.")
    page.screenshot(path=SCREENSHOTS / f"comment-{case}.png", full_page=True)
    found = review(parse(recording(case, "cli")))

    assert page.locator("p").first.inner_text() == f"{found.headline} · dev"
    resources = page.locator("table").nth(1).locator("tbody tr")
    assert resources.count() == len(found.changes)
    folded = page.locator("details")
    assert folded.evaluate_all("all => all.every(each => !each.open)")
    assert folded.count() == sum(bool(change.differences) for change in found.changes) + bool(
        found.configuration
    )
    shown = page.locator("body").inner_text()
    assert "|" not in shown.replace("||", "")
    assert "<" not in shown
    assert MARKER not in shown
    assert _wider_than_page(page) == []


MARKER = "webstack preview of"


def _wider_than_page(page: Page) -> Any:
    """Give the elements that reach beyond the comment's edge, where reviewers do not look."""
    script = "all => all.filter(e => e.getBoundingClientRect().right > 860).map(e => e.tagName)"
    return page.locator("table, pre, p").evaluate_all(script)


def test_a_folded_difference_opens_with_a_click(browser: Browser):
    page = page_of(browser, "new-service")
    nginx = page.locator("details", has_text="nginx.conf")
    assert not nginx.locator("pre").is_visible()
    nginx.locator("summary").click()
    assert "upstream third" in nginx.locator("pre").inner_text()
    page.screenshot(path=SCREENSHOTS / "comment-nginx.png")
