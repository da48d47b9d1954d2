"""Drift is named property by property, and it is told which side would win."""

from __future__ import annotations

import re
from typing import Any

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.webstack.cli.drift_documents import CONTAINER, STACK, WEB, refresh, step, update
from webstack.cli.compare.drift import Difference, as_markdown, as_text, drifts, of_tag
from webstack.cli.daemon.overwritten_images import Tag

RELEASE = "urn:pulumi:dev::webstack::pulumi-python:dynamic/webstack:Release::release"


def test_what_is_as_it_should_be_is_not_named():
    same = step("refresh", WEB, {"memory": 1}, {"memory": 1})
    assert drifts(refresh(same), update()) == []


def test_a_changed_property_is_named_with_both_values_and_what_an_update_does():
    found = refresh(step("update", WEB, {"memory": 256}, {"memory": 300}, ["memory"]))
    planned = update(step("update", WEB, {"memory": 300}, {"memory": 256}, ["memory"]))
    [drift] = drifts(found, planned)
    assert drift.differences == (Difference("memory", 256, 300),)
    assert as_text("dev", [drift]).splitlines() == [
        "dev: 1 resource is not as the state says.",
        "",
        "Container web differs; `webstack up --refresh` puts it back, without replacing it",
        "    memory: 256 in the state, 300 in fact",
    ]


@pytest.mark.parametrize(
    ("planned", "remedy", "words"),
    [
        ([step("create", WEB)], "create", "makes it again"),
        ([step("replace", WEB)], "replace", "replaces it"),
        ([step("delete", WEB)], "delete", "takes it away"),
        ([], "none", "leaves it: the machine wins"),
    ],
)
def test_who_wins_is_what_the_next_update_does(planned: list[Any], remedy: str, words: str):
    [drift] = drifts(refresh(step("delete", WEB, {"memory": 1})), update(*planned))
    assert drift.gone
    assert drift.as_json()["remedy"] == remedy
    assert f"is gone; `webstack up --refresh` {words}" in drift.headline


@pytest.mark.parametrize(
    ("kind", "command"), [("container:Container", "rm -f"), ("network:Network", "network rm")]
)
def test_what_has_taken_a_name_is_to_be_removed_first(kind: str, command: str):
    """The taker was made by hand in place of ours, and one name cannot be given twice."""
    urn = f"urn:pulumi:dev::shop::docker:index/{kind}::edge"
    gone = refresh(step("delete", urn, {"name": "shop-dev-edge"}))
    [drift] = drifts(gone, update(step("create", urn)))
    assert drift.may_be_taken
    assert replace(drift, taken=True).headline.endswith(
        f"edge is gone, and another has its name: `docker {command} shop-dev-edge`, "
        "then `webstack up --refresh` makes it again"
    )


def test_a_change_of_the_program_is_no_drift():
    planned = update(step("update", WEB, {"memory": 1}, {"memory": 2}, ["memory"]))
    assert drifts(refresh(step("refresh", WEB, {"memory": 1}, {"memory": 1})), planned) == []


def test_a_property_that_an_update_ignores_is_named_so():
    old, new = {"labels": ["a"]}, {"labels": ["b"]}
    found = refresh(step("refresh", WEB, old, new, ignoreChanges=["labels"]))
    [drift] = drifts(found, update())
    assert drift.differences == (Difference("labels (ignored)", ["a"], ["b"]),)
    assert "the machine wins" in drift.headline


def test_one_document_may_hold_both_as_the_embedded_engine_s_does():
    document = {
        "steps": [
            step("refresh", STACK),
            step("update", WEB, {"memory": 1}, {"memory": 2}, ["memory"]),
            step("same", STACK),
            step("replace", WEB, {"memory": 2}, {"memory": 1}, ["memory"]),
        ]
    }
    [drift] = drifts(document, document)
    assert drift.remedy == "replace"


def test_what_a_dynamic_resource_reads_is_told_by_the_update_only():
    old = {"services": {"shop": [{"socket": "aa.sock"}]}, "configuration": "one\ntwo\n"}
    new = {"services": {"shop": [{"socket": "bb.sock"}]}, "configuration": "one\n2\n"}
    found = refresh(step("refresh", RELEASE, old, old))
    [drift] = drifts(found, update(step("update", RELEASE, new, old)))
    assert [str(each) for each in drift.differences] == [
        "configuration: - state, + machine\n    -two\n    +2",
        "services.shop[0].socket: aa.sock in the state, bb.sock in fact",
    ]


def test_an_issue_names_each_resource():
    found = drifts(refresh(step("delete", WEB, {})), update(step("create", WEB)))
    assert "- **Container web** is gone; `webstack up --refresh` makes it again" in as_markdown(
        "staging", found
    )
    assert as_markdown("staging", []) == "`staging` is as its state says.\n"


def test_a_name_decides_neither_markup_nor_whom_to_call_in_an_issue():
    name = "@octocat <img src=x>\n\n/close `` | \u202e\x1b[31m [ok](http://e.example)"
    odd = f"{CONTAINER}::{name}"
    changed = step("update", odd, {"env": "a\nb"}, {"env": f"a\n```\n{name}"}, ["env"])
    text = as_markdown(name, drifts(refresh(changed), update()))
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    told = re.sub(r"<code[^>]*>.*?</code>", "", html, flags=re.DOTALL)
    assert set(re.findall(r"<([a-z0-9]+)", told)) == {"p", "ul", "li", "strong", "pre"}
    assert "@octocat" not in told
    assert "://e.example" not in told
    assert not {"\u202e", "\x1b"} & set(text)
    assert "\x1b" not in as_text(name, drifts(refresh(changed), update()))


def test_a_tag_that_names_another_image_is_told_with_its_way_out():
    tag = Tag("shop", "webstack/shop:1", ran="sha256:old", now="sha256:new", kept=True)
    drift = of_tag("webstack", "dev", tag)
    assert as_text("dev", [drift]).splitlines()[2:] == [
        "Image shop differs; `docker tag sha256:old webstack/shop:1` gives it back",
        "    webstack/shop:1: sha256:old in the state, sha256:new in fact",
    ]
    assert drift.as_json()["remedy"] == tag.way_out
