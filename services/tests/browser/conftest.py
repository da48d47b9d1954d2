"""Real Chromium on the pages of the samples: in a stack with the debug toolbars, and without."""

from collections.abc import Iterator

import pytest
from tests.browser.visitor import Site
from tests.browser.visits import browser, chromium, enter, visitor
from tests.deployment import Deployment, copied

__all__ = ["browser", "chromium", "enter", "visitor"]


@pytest.fixture(scope="session")
def debug_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Bring up the stack of the dev environment, with the debug toolbars."""
    with copied(tmp_path_factory.mktemp("debug") / "project", samples=True) as deployment:
        deployment.up()
        yield deployment


@pytest.fixture(scope="session")
def plain_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Bring up a stack as visitors meet it: no debug pages, and a content policy."""
    with copied(tmp_path_factory.mktemp("plain") / "project", samples=True) as deployment:
        deployment.change_settings(lambda config: config.update({"webstack:debug": False}))
        deployment.up()
        yield deployment


@pytest.fixture(scope="session", params=["debug", "plain"])
def site(request: pytest.FixtureRequest, chromium: str) -> Site:
    """Give the pages of an environment, whose stack is brought up only when a test asks for it."""
    return Site(request.param, request.getfixturevalue(f"{request.param}_stack"))
