"""The settings files of this project can be deployed, whatever services it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings.files import settings_of
from infra.testing import Declare

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))


def test_the_environments_are_found():
    assert {"dev", "production"} <= set(ENVIRONMENTS)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_is_declared_with_all_its_services(declare: Declare, environment: str):
    """A broken policy would be an error here, so none is broken either."""
    stack = declare(environment)
    services = settings_of(environment)["webstack:services"]
    assert services
    assert all(stack.of_service(name) for name in services)
    assert [each.name for each in stack.of_type("Container") if each.get("ports")] == [
        each.name for each in stack.of_service("holder")
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_dev_shows_what_a_debugger_shows(environment: str):
    assert settings_of(environment).get("webstack:debug", False) is (environment == "dev")
