"""Fixtures of all tests in a browser: Chromium, and the visitors of a site."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.visitor import Site, Visitor

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing but the pages: no request of the browser's own leaves the machine.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60_000  # milliseconds, for a machine that does much else

Enter = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Find the browser of this machine."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no {' or '.join(NAMES)} on PATH: apt-get install chromium")
    return found


# One for each module: Playwright's event loop is not to run under the tests of other folders.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Start Chromium with a new empty profile."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@contextmanager
def admission(site: Site, browser: Browser) -> Iterator[Enter]:
    """Let visitors in, each with its own cookies and cache, and close all in the end."""
    contexts = []

    def enter(**options: Any) -> Visitor:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Visitor(site, context)

    try:
        yield enter
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def enter(site: Site, browser: Browser) -> Iterator[Enter]:
    """Let several visitors in, or unusual ones: `enter(java_script_enabled=False)`."""
    with admission(site, browser) as enter:
        yield enter


@pytest.fixture
def visitor(enter: Enter) -> Visitor:
    """Let one visitor in."""
    return enter()
