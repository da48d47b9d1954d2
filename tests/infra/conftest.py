"""Settings of the applications of the tests, to be changed and declared."""

from __future__ import annotations

from typing import Any

import pytest

import infra.testing
from tests.deployment import APPLICATIONS
from webstack.contract import yaml_settings


def settings_of(environment: str) -> dict[str, Any]:
    """Give the settings of an environment, by full key."""
    return dict(yaml_settings.read(APPLICATIONS / f"Pulumi.{environment}.yaml")["config"])


@pytest.fixture(autouse=True)
def _applications_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests read settings that do not depend on the services of this project."""
    monkeypatch.setattr(infra.testing, "settings_of", settings_of)


@pytest.fixture
def dev_services() -> dict[str, Any]:
    """Give the services of the dev environment."""
    return dict(settings_of("dev")["webstack:services"])


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give the registrations that the program asks for."""
    seen: list[Any] = []
    register = infra.testing._Recorder.RegisterResource

    def watching(self: Any, request: Any) -> Any:
        seen.append(request)
        return register(self, request)

    monkeypatch.setattr(infra.testing._Recorder, "RegisterResource", watching)
    return seen
