"""Real Chromium on the pages that webstack itself makes."""

from __future__ import annotations

import pytest

from tests.browser.visitor import Site
from tests.browser.visits import browser, chromium, enter, visitor
from tests.deployment import Deployment

__all__ = ["browser", "chromium", "enter", "visitor"]


@pytest.fixture(scope="session")
def site(stack: Deployment) -> Site:
    """Give the stack of the tests' own applications as a site to visit."""
    return Site("product", stack)
