"""Two stacks are compared without the names in which all stacks differ."""

from __future__ import annotations

from typing import Any

from webstack.cli.compare.comparison import Row, Side, as_table, compared


def side(stack: str, release: str, **inputs: Any) -> Side:
    urn = f"urn:pulumi:{stack}::shop::docker:index/container:Container::flask-0-{release}"
    container = {
        "custom": True,
        "urn": urn,
        "type": "docker:index/container:Container",
        "inputs": {
            "name": f"shop-{stack}-flask-0-{release}",
            "labels": [{"label": "webstack.stack", "value": stack}],
            "__defaults": [release],
            **inputs,
        },
    }
    outputs = {
        "release": 1,
        "services": {"flask": {"image": "shop/flask:1", "containers": [f"{stack}-{release}"]}},
    }
    return Side(stack, {}, None, outputs, [container, {"custom": False, "urn": "", "type": ""}])


def test_names_of_stacks_and_contents_are_no_difference():
    one, other = side("staging", "0123abcd"), side("production", "89ef4567")
    assert compared(one, other) == []
    assert as_table(one, other, []) == "staging and production do not differ."


def test_properties_and_what_is_in_force_are():
    one, other = side("staging", "0123abcd", memory=1), side("production", "89ef4567", memory=2)
    other.outputs["services"]["flask"]["image"] = "shop/flask:2"
    assert compared(one, other) == [
        Row("in force", "flask.image", "shop/flask:1", "shop/flask:2"),
        Row("resource", "Container flask-0-* memory", 1, 2),
    ]


def test_what_only_one_has_is_named():
    one = side("staging", "0123abcd")
    other = Side("production", {}, None, {}, [])
    rows = compared(one, other)
    assert Row("resource", "Container flask-0-*", "declared", None) in rows
    assert "resource  Container flask-0-*  declared" in as_table(one, other, rows)
