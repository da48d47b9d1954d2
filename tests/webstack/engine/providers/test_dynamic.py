"""Dynamic resources call their own code as the CLI's plugin would call it."""

from __future__ import annotations

import pytest

from tests.webstack.engine.stacks import shop
from webstack.engine.model.values import Secret
from webstack.engine.operations.operations import RunOptions

PRELUDE = '''
from pathlib import Path
from pulumi.dynamic import (
    CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, ResourceProvider,
    UpdateResult,
)

NOTES = Path(pulumi.runtime.get_root_directory()) / "notes"

class OwnError(Exception):
    pass

class Keeper(ResourceProvider):
    """Keeps a value in a file, and notes what it is asked to do."""

    def configure(self, request):
        self.colour = request.config.get("colour")

    def check(self, olds, news):
        failures = [CheckFailure("value", "must not be 13")] if news.get("value") == 13 else []
        return CheckResult({**news, "checked": True}, failures)

    def create(self, props):
        if props.get("value") == "bad":
            raise OwnError("no room for it: make some")
        if props.get("value") == "bug":
            return 1 / 0
        if props.get("value") == "exit":
            raise pulumi.RunError("told plainly")
        print("keeping", props["value"])
        NOTES.write_text(str(props["value"]))
        kind = type(props["value"]).__name__
        return CreateResult("kept", {**props, "colour": self.colour, "type": kind})

    def read(self, id_, props):
        if not NOTES.exists():
            return ReadResult("", {})
        return ReadResult(id_, {**props, "value": float(NOTES.read_text())})

    def update(self, id_, olds, news):
        NOTES.write_text(str(news["value"]))
        return UpdateResult({**news, "was": olds["value"]})

    def delete(self, id_, props):
        NOTES.unlink()

class Kept(Resource, module="shop", name="Kept"):
    colour: pulumi.Output[str]
    was: pulumi.Output[object]

    def __init__(self, resource_name, value, opts=None, **more):
        properties = {"colour": None, "was": None, "value": value, **more}
        super().__init__(Keeper(), resource_name, properties, opts)
'''


@pytest.fixture
def made(tmp_path):
    made = shop(tmp_path / "shop", settings="config:\n  colour: red\n")

    def program(text, plain=made.program):
        return plain(PRELUDE + text)

    made.program = program
    return made


def told(outcome):
    return "\n".join(item.message for item in outcome.diagnostics)


def state(outcome, name="k"):
    found = [step.new for step in outcome.steps if step.new and step.new.name == name]
    return found[-1]


def test_a_dynamic_resource_lives(made):
    first = made.program('k = Kept("k", 1)\npulumi.export("colour", k.colour)\n').run("up")
    assert first.exit_code == 0, told(first)
    assert "keeping 1.0" in told(first)
    assert first.outputs == {"colour": "red"}
    kept = state(first)
    assert kept.type == "pulumi-python:dynamic/shop:Kept"
    assert kept.inputs["checked"]
    assert kept.outputs["type"] == "float"
    assert isinstance(kept.inputs["__provider"], Secret)
    assert made.program('Kept("k", 1)\n').run("up").counts == {"same": 2}
    second = made.program('Kept("k", 2)\n').run("up")
    assert second.counts == {"same": 1, "update": 1}
    assert state(second).outputs["was"] == 1
    assert made.program("").run("up").counts == {"same": 1, "delete": 1}
    assert not (made.root / "notes").exists()


def test_what_is_null_in_an_object_does_not_reach_the_code(made):
    """Under the CLI such a value gets lost on the way to a plugin; in lists it stays."""
    made.program('Kept("k", 1, deep={"a": None, "b": [None, {"c": None}]})\n')
    assert state(made.run("up")).inputs["deep"] == {"b": [None, {}]}
    assert made.run("up").counts == {"same": 2}


def test_a_change_of_the_code_alone_is_an_update(made):
    made.program('Kept("k", 1)\n').run("up")
    made.program('Keeper.more = lambda self: 1\nKept("k", 1)\n')
    assert made.run("preview").counts == {"same": 1, "update": 1}


def test_refreshing_reads_what_there_is(made):
    made.program('Kept("k", 1)\n').run("up")
    (made.root / "notes").write_text("5")
    refreshed = made.run("refresh")
    assert state(refreshed).outputs["value"] == 5
    (made.root / "notes").unlink()
    assert made.run("refresh").counts == {"same": 1, "delete": 1}


def test_a_value_that_is_refused_is_named(made):
    outcome = made.program('Kept("k", 13)\n').run("preview")
    assert outcome.exit_code == 1
    assert "value: must not be 13" in told(outcome)


@pytest.mark.parametrize(
    ("value", "message"),
    [("bad", "no room for it: make some"), ("exit", "told plainly")],
)
def test_an_error_of_its_own_speaks_for_itself(made, value, message):
    outcome = made.program(f'Kept("k", "{value}")\n').run("up")
    assert outcome.exit_code == 1
    assert told(outcome) == message


def test_a_mistake_in_the_code_shows_where(made):
    text = told(made.program('Kept("k", "bug")\n').run("up"))
    assert text.startswith("Traceback")
    assert "return 1 / 0" in text
    assert text.endswith("ZeroDivisionError: division by zero")
    assert "webstack/engine/" not in text


def test_secrets_reach_the_code_plain_and_the_state_sealed(made):
    outcome = made.program('Kept("k", pulumi.Output.secret("7"))\n').run("up")
    assert (made.root / "notes").read_text() == "7"
    assert state(outcome).outputs["value"] == Secret("7")
    assert state(outcome).inputs["value"] == Secret("7")


def test_a_preview_promises_the_inputs_only(made):
    made.program('Kept("k", 1)\n').run("up")
    outcome = made.program('k = Kept("k", 2)\npulumi.export("c", k.colour)\n').run("preview")
    assert outcome.outputs["c"] == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_many_of_them_in_one_process_do_not_wear_the_sdk_out(made):
    made.program('for number in range(60):\n    Kept(f"k{number}", 100 + number)\n')
    for _ in range(6):
        assert made.run("preview", RunOptions(parallel=2)).exit_code == 0
