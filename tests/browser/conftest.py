"""Real Chromium on the pages of running stacks: one with the debug toolbars, one without."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.visitor import Site, Visitor
from tests.deployment import Deployment, copied

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

# What the debug toolbars have no part in is tried as visitors meet it, once.
plain_only = pytest.mark.parametrize("site", ["plain"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser of this machine."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no {' or '.join(NAMES)} on PATH: apt-get install chromium")
    return found


# One for each module: Playwright's event loop is not to run under the tests of other folders.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, started with a new empty profile."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def plain_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A stack as visitors meet it: no debug pages, and a content policy."""
    with copied(tmp_path_factory.mktemp("plain") / "project") as deployment:
        deployment.change_settings(lambda config: config.update({"webstack:debug": False}))
        deployment.up()
        yield deployment


@pytest.fixture(scope="session", params=["debug", "plain"])
def site(request: pytest.FixtureRequest, chromium: str) -> Site:
    """The pages of each environment; it is brought up only when asked for, and to be looked at."""
    name = {"debug": "stack", "plain": "plain_stack"}[request.param]
    return Site(request.param, request.getfixturevalue(name))


@contextmanager
def admission(site: Site, browser: Browser) -> Iterator[Enter]:
    """Let visitors in, each with cookies and a cache of its own, and all out in the end."""
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
    """Several visitors, or peculiar ones: `enter(java_script_enabled=False)`."""
    with admission(site, browser) as enter:
        yield enter


@pytest.fixture
def visitor(enter: Enter) -> Visitor:
    """One visitor."""
    return enter()
