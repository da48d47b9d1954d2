"""Pulumi.yaml declares settings of a stack, and a stack may change them."""

from __future__ import annotations

import pytest

from tests.webstack.engine.stacks import shop
from webstack.engine.model.errors import ProjectError, UnsupportedError
from webstack.engine.project import settings
from webstack.engine.project.declared_config import declared, fits

NUMBERS = {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ({"type": "string"}, ["", "8080"], [8080, True, ["a"]]),
        ({"type": "integer"}, [1, 1.0, "-12", "+3"], ["", "1.5", 1.5, "1_0", "٣", True, [1]]),
        ({"type": "boolean"}, [True, "false"], ["yes", "True", 1]),
        ({"type": "object"}, [{}, {"a": 1}], ["{}", [1]]),
        (NUMBERS, [[], [1, "2"]], [["a"], "1", {}]),
        ({"type": "array", "items": NUMBERS}, [[[1], []]], [[1]]),
    ],
)
def test_values_fit_as_for_the_cli(type_, good, bad):
    assert [value for value in good if not fits(type_, value)] == []
    assert [value for value in bad if fits(type_, value)] == []


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"a": {"type": "integer", "default": "many"}}, "the default of config a .* type integer"),
        ({"a": {**NUMBERS, "default": ["x"]}}, r"the default of config a .* type array<integer>"),
        ({"a": {"type": "array"}}, "config a .* `items` must give"),
        ({"a": {"type": "number"}}, "the type of config a .* must be one of"),
        ({"a": {"default": 1, "value": 2}}, "both default and value"),
        ({"a": {"defualt": 1}}, "config a .* unknown defualt"),
        ({"a": None}, "config a .* must be a value or a mapping"),
        ({"docker:host": {"type": "string", "value": "x"}}, "docker:host .* no type here"),
        ({"docker:host": {"default": "x"}}, "docker:host .* no default here"),
        ({"docker:host": {"description": "x"}}, "docker:host .* must have a value"),
    ],
)
def test_a_wrong_declaration_is_named(config, says):
    with pytest.raises(ProjectError, match=says):
        declared("shop", config)


def made(tmp_path, config, own=""):
    shopped = shop(tmp_path / "shop", 'pulumi.export("a", pulumi.Config().get("a"))\n')
    path = shopped.root / "Pulumi.yaml"
    path.write_text(f"{path.read_text()}config: {config}\n")
    if own:
        file = shopped.root / "Pulumi.dev.yaml"
        file.write_text(f"{file.read_text()}config:\n  {own}\n")
    return shopped


@pytest.mark.parametrize("operation", ["preview", "up", "refresh", "destroy"])
def test_what_is_required_and_lacking_ends_every_operation(tmp_path, operation):
    with pytest.raises(ProjectError, match=r"stack 'dev' lacks what Pulumi\.yaml requires: a, b;"):
        made(tmp_path, "{b: {type: string}, a: {}, c: 1, 'other:d': 1}").run(operation)


def test_what_is_lacking_can_be_set(tmp_path):
    made_ = made(tmp_path, "{a: {type: integer}}")
    settings.put(made_.project, "dev", "a", "12")
    assert made_.run("up").outputs == {"a": "12"}


@pytest.mark.parametrize(
    ("declaration", "own", "says"),
    [
        ("{type: integer}", "shop:a: many", "config a of stack 'dev' must be of type integer"),
        ("{type: string}", "a: [x]", "must be of type string"),
        ("{type: integer, secret: true}", "shop:a: 1", "config a of stack 'dev' must be secret"),
    ],
)
def test_a_stack_keeps_to_the_types(tmp_path, declaration, own, says):
    with pytest.raises(ProjectError, match=says):
        made(tmp_path, f"{{a: {declaration}}}", own).run("preview")


def test_a_sealed_value_is_looked_at_opened(tmp_path):
    made_ = made(tmp_path, "{a: {type: integer, secret: true}}")
    settings.put(made_.project, "dev", "a", "12", secret=True)
    assert made_.run("preview").exit_code == 0
    settings.put(made_.project, "dev", "a", "many", secret=True)
    with pytest.raises(ProjectError, match="must be of type integer") as caught:
        made_.run("preview")
    assert "many" not in str(caught.value)


def test_defaults_and_values_reach_the_program(tmp_path):
    assert made(tmp_path, "{a: {type: integer, default: 7}}").run("preview").outputs == {"a": "7"}


def test_names_of_the_clis_own_making_are_refused(tmp_path):
    with pytest.raises(UnsupportedError, match=r"^the setting pulumi:autonaming is not"):
        made(tmp_path, "{}", "pulumi:autonaming: {mode: verbatim}").run("preview")


def test_the_names_that_there_are_anyway_may_be_asked_for(tmp_path):
    made_ = made(tmp_path, "{}", "pulumi:autonaming: {mode: default}")
    assert made_.run("preview").exit_code == 0
