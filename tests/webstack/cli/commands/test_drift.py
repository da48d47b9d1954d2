"""What has drifted is named property by property, with who would win."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from typing import Any

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from webstack.cli.backends.runner import Plan
from webstack.cli.commands import looking
from webstack.cli.commands.drift import Difference, as_markdown, as_text, drifts, of_tag
from webstack.cli.daemon.overwritten_images import Tag
from webstack.cli.terminal.errors import OpsError

STACK = "urn:pulumi:dev::webstack::pulumi:pulumi:Stack::webstack-dev"
CONTAINER = "urn:pulumi:dev::webstack::webstack:service:WebService$docker:index/container:Container"
RELEASE = "urn:pulumi:dev::webstack::pulumi-python:dynamic/webstack:Release::release"


def step(op: str, urn: str, old: Any = None, new: Any = None, paths: Any = (), **more: Any) -> Any:
    made = {"op": op, "urn": urn, "detailedDiff": {path: {} for path in paths} or None}
    if old is not None:
        made["oldState"] = {"inputs": old, "outputs": old, **more}
    if new is not None:
        made["newState"] = {"inputs": new, "outputs": new, **more}
    return made


def refresh(*steps: Any) -> dict[str, Any]:
    return {"steps": [step("refresh", STACK), *steps]}


def update(*steps: Any) -> dict[str, Any]:
    """As `preview --refresh` tells it: the refresh, and the update that starts with the stack."""
    return {"steps": [step("refresh", STACK), step("same", STACK), *steps]}


WEB = f"{CONTAINER}::web"


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
    assert f"is gone; `webstack up --refresh` {words}" in drift.verdict


@pytest.mark.parametrize(
    ("kind", "command"), [("container:Container", "rm -f"), ("network:Network", "network rm")]
)
def test_what_has_taken_a_name_is_to_be_removed_first(kind: str, command: str):
    """It was made by hand in place of ours, and an update cannot make another of the name."""
    urn = f"urn:pulumi:dev::shop::docker:index/{kind}::edge"
    gone = refresh(step("delete", urn, {"name": "shop-dev-edge"}))
    [drift] = drifts(gone, update(step("create", urn)))
    assert drift.may_be_taken
    assert replace(drift, taken=True).verdict.endswith(
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
    assert "the machine wins" in drift.verdict


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


class Tags:
    """An engine on which every tag names an image of its own."""

    def image_id(self, reference: str) -> str:
        return reference if reference.startswith("sha256:") else f"sha256:{reference}"


@pytest.fixture
def looked(session, monkeypatch: pytest.MonkeyPatch):
    """Runs the command on a session whose machine is as given."""

    def run(
        found: Any,
        planned: Any,
        engine: bool = True,
        code: int = 0,
        resources: Any = None,
        **flags: bool,
    ) -> int:
        session.records.deployment = json.dumps({"deployment": {"resources": resources or []}})
        session.runner.found = Plan(0, changes=True, document=found)
        session.runner.plan = Plan(code, changes=True, document=planned)
        monkeypatch.setattr(looking, "open_session", lambda *_: session)
        monkeypatch.setattr(looking, "use_engine", lambda: engine)
        if resources:
            monkeypatch.setattr(looking, "on_docker", lambda _: Tags())
        given = {"json": False, "markdown": False, **flags}
        return looking.drift(Namespace(stack="dev", engine=None, cwd=None, **given))

    return run


def test_the_exit_code_says_whether_there_is_any(looked, capsys):
    assert looked(refresh(), update()) == 0
    assert capsys.readouterr().out == "dev is as its state says.\n"
    assert looked(refresh(step("delete", WEB, {})), update(), json=True) == 2
    [drift] = json.loads(capsys.readouterr().out)
    assert drift == {
        "urn": WEB,
        "change": "gone",
        "taken": False,
        "properties": [],
        "remedy": "none",
    }


def test_without_an_engine_nothing_is_said_of_drift(looked):
    with pytest.raises(OpsError, match="no Docker engine answers"):
        looked(refresh(), update(), engine=False)


def test_a_program_that_fails_says_why_in_one_line(looked):
    message = {"severity": "error", "message": "error: webstack:prot: unknown setting\n"}
    with pytest.raises(OpsError, match=r"^webstack:prot: unknown setting$"):
        looked(refresh(), {"diagnostics": [message]}, code=1)


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


@pytest.mark.parametrize(("ran", "code"), [("sha256:shop:1", 0), ("sha256:old", 2)])
def test_tags_of_the_release_in_force_are_looked_at(looked, capsys, ran: str, code: int):
    summary = {
        "number": 1, "time": "", "commit": "", "first": 1,
        "images": {"shop": "shop:1"}, "image_ids": {"shop": ran},
    }  # fmt: skip
    release = {
        "type": "pulumi-python:dynamic/webstack:Release",
        "outputs": {"history": [summary]},
    }
    assert looked(refresh(), update(), resources=[release]) == code
    assert ("`docker tag sha256:old shop:1` gives it back" in capsys.readouterr().out) is bool(code)
