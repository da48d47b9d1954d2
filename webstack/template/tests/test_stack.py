"""The environments of this project declare their services."""

from pathlib import Path

import pytest

from infra.testing import Declare

ENVIRONMENTS = sorted(
    file.name.split(".")[1] for file in Path(__file__).parents[1].glob("Pulumi.*.yaml")
)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_settings_are_right_and_violate_no_policy(declare: Declare, environment: str) -> None:
    stack = declare(environment)
    assert stack.of_service("proxy")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_the_proxy_publishes_a_port(declare: Declare, environment: str):
    published = [each for each in declare(environment).of_type("Container") if each.get("ports")]
    assert published == list(declare(environment).of_service("holder"))
