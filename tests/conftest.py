"""Whole stacks for the tests that need one, shared across their folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.deployment import Deployment, copied

# A busy machine takes longer for an example now and then, which says nothing about the code.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Deployment]:
    """Give a fresh project that nothing was deployed from; it is taken away afterwards."""
    with copied(tmp_path / "project") as deployment:
        yield deployment


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Bring up the stack of the dev environment; tests that share it leave it as it was."""
    with copied(tmp_path_factory.mktemp("stack") / "project") as deployment:
        deployment.change_settings(lambda config: config.update({"webstack:observe": True}))
        deployment.up()
        yield deployment
