"""Providers are resources, whose configuration is stored as the CLI stores it."""

from __future__ import annotations

import pytest

from webstack.engine.providers.configured import ConfigProvider


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ('[{"b": "x", "a": true}]', '[{"a":true,"b":"x"}]'),
        ('{"a": "<&>é\\u2028"}', '{"a":"\\u003c\\u0026\\u003eé\\u2028"}'),
        ("[not JSON", "[not JSON"),
        ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
        ("true", "true"),
    ],
)
def test_lists_and_objects_are_spelt_as_plugins_spell_them(given, stored):
    """The SDK sends lists as JSON text, and the CLI would find a change in every space."""
    checked = ConfigProvider().check("pulumi:providers:docker", "p", None, {"key": given})
    assert checked == {"key": stored}
