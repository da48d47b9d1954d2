"""A Pulumi user reads the same lines, trees and JSON, from the same events."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from webstack.engine.display.preview_json import PreviewDigest
from webstack.engine.display.render import differences, properties
from webstack.engine.display.text_display import TextDisplay
from webstack.engine.display.tree_display import TreeDisplay
from webstack.engine.display.wording import short
from webstack.engine.model.events import (
    Diagnostic,
    Ended,
    Outputs,
    Started,
    StepDone,
    StepFailed,
    StepStarted,
)
from webstack.engine.model.provider import UNKNOWN, PropertyChange
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step
from webstack.engine.model.values import Secret

ROOT = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
STACK = ResourceState(ROOT, "pulumi:pulumi:Stack", False)
TYPE = "docker:index/container:Container"
OLD = ResourceState(
    f"urn:pulumi:dev::shop::{TYPE}::web",
    TYPE,
    True,
    id="abc",
    parent=ROOT,
    inputs={"name": "w", "ports": [{"external": 1}], "pw": Secret("one"), "__defaults": []},
)
NEW = ResourceState(
    OLD.urn,
    TYPE,
    True,
    parent=ROOT,
    inputs={"name": "w", "ports": [{"external": 2}], "pw": Secret("two"), "more": UNKNOWN},
)
DIFF = (
    PropertyChange("ports[0].external", "update", replaces=True),
    PropertyChange("pw", "update"),
)


def step(op, old=OLD, new=NEW, **more):
    return Step(op, OLD.urn, old, new, DIFF if old and new else (), **more)


def text(*events, display=TextDisplay):
    stream = io.StringIO()
    watching = display(stream)
    for event in events:
        watching(event)
    return stream.getvalue()


def run(*events, preview=False, counts=None, errored=0, kind="update"):
    yield Started(kind, "shop", "dev", preview)
    yield from events
    yield Ended(kind, "dev", preview, 61.2, counts or {}, bool(errored), errored)


def test_a_preview_of_a_replacement_reads_like_pulumis():
    steps = (step(Op.DELETE_REPLACED, new=None), step(Op.REPLACE), step(Op.CREATE_REPLACEMENT))
    events = [StepDone(item, preview=True, seconds=0) for item in steps]
    counts = {"replace": 1, "update": 2, "same": 6}
    assert text(*run(*events, preview=True, counts=counts)) == (
        "Previewing update (dev):\n"
        " -- docker:index:Container web delete original\n"
        " +- docker:index:Container web replace [diff: ~ports,pw]\n"
        " ++ docker:index:Container web create replacement [diff: ~ports,pw]\n"
        "Resources:\n"
        "    ~ 2 to update\n"
        "    +-1 to replace\n"
        "    3 changes. 6 unchanged\n"
        "\n"
    )


def test_an_update_says_when_each_step_begins_and_how_long_it_took():
    events = (
        StepStarted(step(Op.CREATE, old=None), preview=False),
        StepDone(step(Op.CREATE, old=None), preview=False, seconds=0.051),
        StepStarted(step(Op.UPDATE), preview=False),
        StepDone(step(Op.UPDATE), preview=False, seconds=2.9),
        StepStarted(step(Op.DELETE, new=None), preview=False),
        StepFailed(step(Op.DELETE, new=None), 1),
        Diagnostic("error", "in use\nby another", OLD.urn),
    )
    assert text(*run(*events, counts={"create": 1}, errored=1)) == (
        "Updating (dev):\n"
        " +  docker:index:Container web creating (0s)\n"
        " +  docker:index:Container web created (0.05s)\n"
        " ~  docker:index:Container web updating (0s) [diff: ~ports,pw]\n"
        " ~  docker:index:Container web updated (2s) [diff: ~ports,pw]\n"
        " -  docker:index:Container web deleting (0s)\n"
        " -  docker:index:Container web **deleting failed**\n"
        "    docker:index:Container web  error: in use\n"
        "Diagnostics:\n"
        "  docker:index:Container (web):\n"
        "    error: in use\n"
        "    by another\n"
        "\n"
        "Resources:\n"
        "    + 1 created\n"
        "    1 errored\n"
        "\n"
        "Duration: 1m2s\n"
        "\n"
    )


def test_unchanged_resources_and_default_providers_are_not_mentioned():
    provider = ResourceState("urn:pulumi:dev::shop::pulumi:providers:docker::default_5_2_0",
                        "pulumi:providers:docker", True)  # fmt: skip
    events = (
        StepDone(step(Op.SAME), preview=False, seconds=0),
        StepDone(Step(Op.CREATE, provider.urn, None, provider), preview=False, seconds=0),
    )
    assert "web" not in text(*run(*events))
    assert "providers" not in text(*run(*events))


def test_a_retained_deletion_says_so():
    gone = step(Op.DELETE, new=None, untouched=True)
    assert "delete[retain]" in text(*run(StepDone(gone, preview=True, seconds=0), preview=True))


def test_outputs_are_compared():
    old = {"ids": {"a": "1", "b": "2"}, "gone": 1, "pw": Secret("x"), "url": "u"}
    new = {"ids": {"a": "3", "b": "2"}, "pw": Secret("x"), "url": "u", "later": UNKNOWN}
    assert "\n".join(differences(old, new, 1)) == (
        "  - gone : 1\n"
        "  ~ ids  : {\n"
        '      ~ a: "1" => "3"\n'
        '        b: "2"\n'
        "    }\n"
        "  + later: [unknown]"
    )
    assert "\n".join(properties(new, 1)).splitlines()[-2:] == [
        "    pw   : [secret]",
        '    url  : "u"',
    ]


def test_a_preview_mentions_outputs_only_if_they_change():
    same = Outputs({"a": 1}, {"a": 1})
    assert "Outputs" not in text(*run(same, preview=True))
    assert "Outputs:\n    a: 1" in text(*run(same))


def test_a_secret_that_the_state_has_in_the_clear_is_not_shown_either():
    old = {"whole": ["hush"], "part": {"a": 1, "b": ["hush"]}}
    new = {"whole": Secret(["hush"]), "part": {"a": 1, "b": [Secret("hush")]}}
    shown = text(*run(Outputs(old, new), preview=True))
    assert "~ whole: [secret] => [secret]" in shown
    assert "~ [0]: [secret] => [secret]" in shown
    assert "hush" not in shown


def test_the_tree_shows_what_changes_property_by_property():
    events = (
        StepStarted(Step(Op.SAME, ROOT, STACK, STACK), preview=True),
        StepStarted(step(Op.REPLACE), preview=True),
    )
    shown = text(*run(*events, preview=True), display=TreeDisplay)
    assert shown == (
        "Previewing update (dev):\n"
        "  pulumi:pulumi:Stack: (same)\n"
        f"    [urn={ROOT}]\n"
        f"    +-{TYPE}: (replace)\n"
        "        [id=abc]\n"
        f"        [urn={OLD.urn}]\n"
        "      ~ ports: [\n"
        "          ~ [0]: {\n"
        "              ~ external: 1 => 2\n"
        "            }\n"
        "        ]\n"
        "      ~ pw   : [secret] => [secret]\n"
        "Resources:\n"
        "\n"
    )


def digest(*events, **more):
    collected = PreviewDigest()
    for event in run(*events, preview=True, **more):
        collected(event)
    return json.loads(str(collected))


def test_the_document_has_the_clis_shape():
    events = (
        StepStarted(Step(Op.SAME, ROOT, STACK, STACK), preview=True),
        StepStarted(step(Op.REPLACE, keys=("ports",)), preview=True),
        StepStarted(step(Op.CREATE_REPLACEMENT), preview=True),
        StepStarted(Step(Op.SAME, OLD.urn, OLD, OLD), preview=True),
        Diagnostic("warning", "careful", OLD.urn),
    )
    document = digest(*events, counts={"replace": 1, "same": 1})
    assert document["changeSummary"] == {"replace": 1, "same": 1}
    assert document["diagnostics"] == [
        {"urn": OLD.urn, "message": "warning: careful\n", "severity": "warning"}
    ]
    stack, web = document["steps"]
    assert (stack["op"], stack["detailedDiff"]) == ("same", None)
    assert web["op"] == "replace"
    assert web["diffReasons"] == ["ports", "pw"]
    assert web["replaceReasons"] == ["ports"]
    assert web["detailedDiff"]["ports[0].external"] == {
        "kind": "update-replace",
        "inputDiff": False,
    }
    assert web["newState"]["inputs"]["pw"] == "[secret]"
    assert "id" not in web["newState"]


def test_what_a_refresh_finds_replaces_the_step_that_looked():
    """The preview of an update keeps the step: there the update itself tells the result."""
    looking = Step(Op.REFRESH, OLD.urn, OLD, OLD)
    drifted = Step(Op.UPDATE, OLD.urn, OLD, NEW, DIFF)
    events = StepStarted(looking, preview=True), StepDone(drifted, preview=True, seconds=0)
    for kind, op in (("refresh", "update"), ("update", "refresh")):
        document = digest(*events, kind=kind)
        assert [item["op"] for item in document["steps"]] == [op]


def test_the_engine_says_nothing_of_the_machine_it_runs_on():
    assert str(Path.cwd()) not in json.dumps(digest(StepStarted(step(Op.CREATE), preview=True)))


def test_words():
    assert short("docker:index/container:Container") == "docker:index:Container"
    assert short("pulumi-python:dynamic/web:Release") == "pulumi-python:dynamic/web:Release"
    assert short("shop:app:Part") == "shop:app:Part"


HOSTILE = "x\x1b[2J\x9b\n+ forged\r\u2028forged\u202e"


@pytest.mark.parametrize("display", [TextDisplay, TreeDisplay])
def test_what_a_name_or_a_message_holds_is_shown_escaped(display):
    odd = ResourceState(
        f"{ROOT}{HOSTILE}", TYPE, True, id=HOSTILE, parent=ROOT, inputs={HOSTILE: HOSTILE}
    )
    events = (
        StepStarted(Step(Op.CREATE, odd.urn, None, odd), preview=False),
        StepDone(Step(Op.CREATE, odd.urn, None, odd), preview=False, seconds=1),
        Diagnostic("error", HOSTILE, odd.urn),
        Outputs({}, {HOSTILE: HOSTILE}),
    )
    shown = text(*run(*events), display=display)
    assert all(line.isprintable() for line in shown.split("\n"))
    assert r"x\u001b[2J\u009b\n+ forged\r\u2028forged\u202e" in shown


@pytest.mark.parametrize("display", [TextDisplay, TreeDisplay])
def test_a_program_s_colours_are_left_out(display):
    assert "    red" in text(Diagnostic("info", "    \x1b[31mred\x1b[0m"), display=display)
