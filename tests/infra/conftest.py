"""Settings to change."""

from __future__ import annotations

from typing import Any

import pytest

from infra.testing import settings_of


@pytest.fixture
def dev_services() -> dict[str, Any]:
    """The services of the dev environment, as its settings file has them."""
    return dict(settings_of("dev")["webstack:services"])
