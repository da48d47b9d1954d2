"""Each policy has its level in each environment, and its words for the user."""

from __future__ import annotations

import re

import pytest

from infra.policies import Level, policy, stack_policy, table
from infra.policies.checking import Rulebook, all_policies, refusal
from infra.settings.sections import SettingsError
from infra.testing import container, violations


@policy(fix="give it another name", staging=Level.ADVISORY, dev=Level.OFF)
def no_shop(resource):
    """Resources have other names than shop.

    More words.
    """
    if resource.name == "shop":
        yield "is called shop"


@stack_policy(fix="take one away")
def at_most_one(resources):
    """There is one resource at most."""
    for extra in resources[1:]:
        yield extra, "is one too many"


OURS = (no_shop, at_most_one)


def levels(environment, **overrides):
    rulebook = Rulebook(environment, overrides, OURS)
    return [each.level for each in rulebook.violations([container("shop")])]


def test_a_policy_has_a_level_in_each_environment():
    assert levels("production") == levels("pr-123") == [Level.MANDATORY]
    assert levels("staging") == [Level.ADVISORY]
    assert levels("dev") == []


def test_settings_win_over_the_policy_s_own_level():
    assert levels("dev", **{"no-shop": "mandatory"}) == [Level.MANDATORY]
    assert levels("production", **{"no-shop": "off"}) == []


def test_a_setting_for_no_policy_is_an_error():
    with pytest.raises(
        SettingsError, match=r"policies\.no-shp: no such policy; did you mean no-shop"
    ):
        Rulebook("dev", {"no-shp": "off"}, OURS)


def test_a_level_that_there_is_not_is_named_with_its_policy():
    with pytest.raises(
        SettingsError,
        match=r"policies\.no-shop: loud is no level; it must be one of mandatory, advisory, off",
    ):
        Rulebook("dev", {"no-shop": "loud"}, OURS)


def test_a_violation_names_policy_resource_reason_and_fix():
    [violation] = Rulebook("production", {}, OURS).violations([container("shop")])
    assert str(violation) == ('no-shop: Container "shop" is called shop; give it another name')


def test_only_mandatory_violations_refuse():
    advised = Rulebook("staging", {}, OURS).violations([container("shop")])
    assert refusal(advised) == ""
    refused = Rulebook("production", {}, OURS).violations([container("shop"), container("shop")])
    assert refusal(refused).startswith("a mandatory policy forbids this 3 times")
    assert len(refusal(refused).splitlines()) == 4


def test_every_policy_says_what_holds_and_how_to_mend_it():
    for each in all_policies():
        assert each.title.endswith("."), each.name
        assert each.fix, each.name
    names = [each.name for each in all_policies()]
    assert len(names) == len(set(names)) >= 13


def test_the_document_holds_the_present_table():
    document = table.DOCUMENT.read_text()
    assert table.table() in document
    assert table.rewritten(document) == document, "run python -m infra.policies.table"


def test_the_documented_policy_of_one_s_own_works():
    [example] = re.findall(r"```python\n(.*?)```", table.DOCUMENT.read_text(), re.DOTALL)
    names = {}
    exec(example, names)
    assert violations(names["small_containers"], container(cpus="4")) == ["takes 4 CPUs"]
    assert violations(names["small_containers"], container()) == []
