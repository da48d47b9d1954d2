from __future__ import annotations

from pathlib import Path

import pytest

from webstack.engine.providers.docker import FUNCTIONS, RESOURCES, table
from webstack.engine.providers.docker.schema import upstream

ROOT = Path(__file__).parents[5]
PAGE = ROOT / "docs" / "resource-types.md"


def test_the_page_is_current():
    """After a change, write it anew with python -m webstack.engine.providers.docker.table."""
    assert PAGE.read_text() == table.render()


def names(schema):
    """Give the paths of all inputs of a schema, as the page writes them."""
    for key, property_ in schema.items():
        if property_.output:
            continue
        nested = property_.fields or property_.element.fields or {}
        several = "[]" if nested and property_.kind in ("list", "set") else ""
        yield f"{key}{several}"
        yield from (f"{key}{several}.{path}" for path in names(nested))


@pytest.mark.parametrize(("type_", "kind"), RESOURCES.items(), ids=list(RESOURCES))
def test_nothing_is_supported_that_does_not_exist(type_, kind):
    """Otherwise a misspelt property in a schema would never be noticed."""
    declared = {found.path for found in upstream.inputs(type_.rpartition(":")[2])}

    assert set(names(kind.schema)) - declared == set()


def test_each_supported_type_and_function_exists():
    assert {token.rpartition(":")[2] for token in RESOURCES} <= set(upstream.resource_types())
    assert {token.rpartition(":")[2] for token in FUNCTIONS} <= set(upstream.functions())


@pytest.mark.parametrize("type_", ["Container", "Network", "Tag"])
def test_every_property_of_these_types_is_supported(type_):
    page = PAGE.read_text()
    section = page.partition(f"## {type_}\n")[2].partition("\n## ")[0]

    assert "| no |" not in section
    assert "| yes |" in section
