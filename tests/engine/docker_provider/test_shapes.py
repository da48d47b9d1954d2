from typing import Any

import pytest

from engine.docker_provider.container_schema import CONTAINER
from engine.docker_provider.shapes import stated
from engine.provider import UNKNOWN


@pytest.mark.parametrize("key", ["ports", "volumes", "envs", "capabilities", "healthcheck"])
def test_what_is_known_only_later_is_stated_as_such(key: str):
    """A preview has whole lists and objects that come out of other resources."""
    inputs: dict[str, Any] = {"image": "own", "name": "own", key: UNKNOWN}
    assert stated(CONTAINER, inputs)[key] == UNKNOWN
