"""A reading is compared with the one before it."""

from __future__ import annotations

import pytest

from webstack.engine.model.provider import Diff, PropertyChange
from webstack.engine.planning.plan import ignoring_changes, news


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"tmpfs": {}, "dns": [], "user": ""}, {"tmpfs": None, "dns": None, "user": None}),
        ({"tmpfs": None}, {"tmpfs": {}}),
        ({"wait": None}, {"wait": False, "waitTimeout": 60}),
        ({"__meta": "{}", "name": "a"}, {"name": "a"}),
    ],
    ids=["empty is left out", "left out is empty", "left open", "bookkeeping"],
)
def test_how_the_other_engine_writes_a_reading_is_no_news(old, new):
    assert news(old, new) == ()


def test_what_is_otherwise_than_it_was_read_is_news():
    old = {"labels": [], "memory": 64, "name": "a", "wait": False}
    changed = news(old, {"labels": [{"label": "a"}], "memory": 80, "name": "a", "wait": True})
    assert changed == tuple(PropertyChange(key, "update") for key in ("labels", "memory", "wait"))


def test_what_is_ignored_may_differ_from_what_was_read():
    """A volume that was taken over has labels of its own, whatever its inputs say."""
    below = PropertyChange("labels[2].value", "update", replaces=True)
    whole, other = (
        PropertyChange("labels", "update", replaces=True),
        PropertyChange("driver", "update"),
    )
    found = ignoring_changes(Diff((below, whole, other, PropertyChange("", "update"))), ("labels",))
    assert found.changes == (other, PropertyChange("", "update"))
