"""The registry serves known packages, and refuses others by name."""

from __future__ import annotations

from typing import Any

import pytest

from webstack.engine.model.errors import UnsupportedError
from webstack.engine.providers.registry import Providers

NETWORK = "docker:index/network:Network"


@pytest.fixture
def providers() -> Providers:
    """Give the providers of a run that serves the package docker only."""

    def never(_config: Any) -> Any:
        raise AssertionError("nothing is to be made")

    return Providers({"docker": never})


@pytest.mark.parametrize("version", ["", "5.2.0", "5.11.3"])
@pytest.mark.parametrize("type_", [NETWORK, "pulumi:providers:docker"])
def test_a_version_of_the_same_major_is_served(providers, type_, version):
    assert providers.require(type_, version) is None


@pytest.mark.parametrize("type_", [NETWORK, "pulumi:providers:docker"])
def test_another_version_is_refused_by_name(providers, type_):
    message = f"{type_}: version 4.0.0 of the package docker is not supported"
    with pytest.raises(UnsupportedError, match=message):
        providers.require(type_, "4.0.0")


def test_another_package_is_refused_by_name(providers):
    with pytest.raises(UnsupportedError, match="the package aws"):
        providers.require("aws:s3/bucket:Bucket")
