"""The examples of docs/testing.md work, and a declared stack answers questions as it says there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from infra.testing import Declare

DOCUMENT = Path(__file__).parents[2] / "docs" / "testing.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_documented_example_runs(example: str, declare: Declare):
    names: dict[str, Any] = {}
    exec(example, names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test(*([declare] if test.__code__.co_argcount else []))


def test_the_document_has_examples():
    assert len(EXAMPLES) >= 5


def test_resources_are_found_by_type_service_property_and_name(declare: Declare):
    stack = declare()
    assert stack.of_type("docker:index/network:Network").names == stack.of_type("Network").names
    assert [name.split("-")[0] for name in stack.of_service("shop").names] == ["shop"]
    assert stack.where(networkMode="bridge") == stack.of_service("holder")
    [internal] = stack.of_type("Network").where(internal=True)
    assert stack.named(internal.name) == internal


def test_a_name_that_there_is_not_is_told_with_those_that_there_are(declare: Declare):
    with pytest.raises(LookupError, match=r"0 resources are named nobody, of .*'edge-"):
        declare().of_type("Network").named("nobody")
