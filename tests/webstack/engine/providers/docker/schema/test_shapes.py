from typing import Any

import pytest

from webstack.engine.model.provider import UNKNOWN
from webstack.engine.providers.docker.container.schema import CONTAINER
from webstack.engine.providers.docker.schema.shapes import stated


@pytest.mark.parametrize("key", ["ports", "volumes", "envs", "capabilities", "healthcheck"])
def test_what_is_known_only_later_is_stated_as_such(key: str):
    """In a preview, whole lists and objects may come out of other resources."""
    inputs: dict[str, Any] = {"image": "own", "name": "own", key: UNKNOWN}
    assert stated(CONTAINER, inputs)[key] == UNKNOWN
