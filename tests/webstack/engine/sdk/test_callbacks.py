"""The engine calls functions of the program: transforms, and hooks of resources."""

from __future__ import annotations

import json

import pytest

from tests.webstack.engine.stacks import shop

TRANSFORMS = """
from pulumi import ResourceOptions, ResourceTransformResult

def sized(size):
    def transform(args):
        if args.type_ != "fake:index:Thing":
            return None
        said = args.props.get("said", "")
        print(f"{size}: {args.name} {args.custom}")
        props = {**args.props, "size": size, "said": f"{said}{size}"}
        return ResourceTransformResult(props, args.opts)
    return transform

part = Part("part", opts=ResourceOptions(transforms=[sized(2)]))
inner = Part("inner", opts=ResourceOptions(parent=part))
pulumi.runtime.register_resource_transform(sized(3))
Thing("own", opts=ResourceOptions(transforms=[sized(1)]))
Thing("a", opts=ResourceOptions(parent=inner, transforms=[sized(1)]))
Thing("plain")
"""


def told(outcome):
    return [item.message for item in outcome.diagnostics]


def test_transforms_of_a_resource_its_parents_and_the_stack_come_in_that_order(tmp_path):
    made = shop(tmp_path / "shop", TRANSFORMS)
    for operation in ("preview", "up"):
        outcome = made.run(operation)
        assert outcome.exit_code == 0, told(outcome)
    assert {name: thing["said"] for name, thing in made.world.things().items()} == {
        "own": "13",
        "a": "123",
        "plain": "3",
    }
    assert made.run("up").counts == {"same": 6}


def test_transforms_change_options_and_keep_what_a_value_comes_from(tmp_path):
    made = shop(
        tmp_path / "shop",
        """
        from pulumi import ResourceOptions, ResourceTransformResult

        first, second = Thing("first"), Thing("second")

        def protect(args):
            opts = ResourceOptions.merge(args.opts, ResourceOptions(
                protect=True, depends_on=[second], ignore_changes=["color"]))
            return ResourceTransformResult({**args.props, "color": "red"}, opts)

        Thing("last", size=first.made, token=pulumi.Output.secret("hush"),
              opts=ResourceOptions(transforms=[protect]))
        """,
    )
    assert made.run("preview").exit_code == 0
    outcome = made.run("up")
    assert outcome.exit_code == 0, told(outcome)
    (last,) = [item for item in resources(made) if item["urn"].endswith("::last")]
    assert last["protect"]
    assert last["ignoreChanges"] == ["color"]
    needed = {urn.rpartition("::")[2] for urn in last["dependencies"]}
    assert needed == {"first", "second"}
    assert last["inputs"]["color"] == "red"
    assert "ciphertext" in last["inputs"]["token"]
    assert made.world.things()["last"]["size"] == made.world.ids()["first"][:4]


def test_what_a_transform_raises_ends_the_run_before_its_resource(tmp_path):
    made = shop(
        tmp_path / "shop",
        """
        def broken(args):
            raise ValueError("not like this")
        Thing("a", opts=pulumi.ResourceOptions(transforms=[broken]))
        """,
    )
    outcome = made.run("up")
    assert outcome.exit_code == 1
    assert "not like this" in told(outcome)[0]
    assert made.world.things() == {}


HOOKS = """
from pulumi import ResourceHook, ResourceHookBinding, ResourceHookOptions, ResourceOptions

def hook(name, dry=False, ignore=False, fail=""):
    def say(args):
        bags = {key: sorted(getattr(args, key) or {}) for key in
                ("new_inputs", "old_inputs", "new_outputs", "old_outputs")}
        print(name, args.name, bool(args.id), [key for key, bag in bags.items() if bag])
        if fail:
            raise ValueError(fail)
    return ResourceHook(name, say, ResourceHookOptions(on_dry_run=dry, ignore_errors=ignore))

names = [f"{moment}_{change}" for moment in ("before", "after")
         for change in ("create", "update", "delete")]
bound = ResourceHookBinding(**{name: [hook(name)] for name in names})
"""


def test_hooks_run_before_and_after_each_change(tmp_path):
    made = shop(
        tmp_path / "shop", HOOKS + 'Thing("a", size=1, opts=ResourceOptions(hooks=bound))\n'
    )
    assert told(made.run("preview")) == []
    assert told(made.run("up")) == [
        "before_create a False ['new_inputs']",
        "after_create a True ['new_inputs', 'new_outputs']",
    ]
    assert told(made.run("up")) == []
    made.program(HOOKS + 'Thing("a", size=2, opts=ResourceOptions(hooks=bound))\n')
    assert told(made.run("up")) == [
        "before_update a True ['new_inputs', 'old_inputs', 'old_outputs']",
        "after_update a True ['new_inputs', 'old_inputs', 'new_outputs', 'old_outputs']",
    ]
    made.program(HOOKS)
    assert told(made.run("up")) == [
        "before_delete a True ['old_inputs', 'old_outputs']",
        "after_delete a True ['old_inputs', 'old_outputs']",
    ]
    assert made.world.things() == {}


def test_a_replacement_is_a_creation_and_a_deletion_to_hooks(tmp_path):
    text = HOOKS + 'Thing("a", first=True, fixed={}, opts=ResourceOptions(hooks=bound))\n'
    made = shop(tmp_path / "shop", text.replace("fixed={}", "fixed=1"))
    made.run("up")
    outcome = made.program(text.replace("fixed={}", "fixed=2")).run("up")
    assert [line.split()[0] for line in told(outcome)] == [
        "before_delete",
        "after_delete",
        "before_create",
        "after_create",
    ]


def test_a_component_is_done_when_its_outputs_are_known(tmp_path):
    made = shop(
        tmp_path / "shop",
        HOOKS
        + """
part = Part("part", opts=ResourceOptions(hooks=bound))
Thing("a", opts=ResourceOptions(parent=part)).made.apply(lambda _made: print("inside"))
part.register_outputs({"size": 1})
""",
    )
    outcome = made.run("up")
    assert told(outcome)[0] == "before_create part False []"
    assert "after_create part False ['new_outputs']" in told(outcome)


def test_a_hook_may_want_to_see_previews(tmp_path):
    text = 'seen = ResourceHookBinding(before_create=[hook("seen", dry=True)])\n'
    made = shop(tmp_path / "shop", f'{HOOKS}{text}Thing("a", opts=ResourceOptions(hooks=seen))\n')
    assert told(made.run("preview")) == ["seen a False ['new_inputs']"]


def failing(occasion, **how):
    options = ", ".join(f"{key}={value!r}" for key, value in how.items())
    return (
        f'{HOOKS}bad = ResourceHookBinding({occasion}=[hook("bad", fail="no", {options})])\n'
        'a = Thing("a", opts=ResourceOptions(hooks=bad))\n'
        'Thing("b", opts=ResourceOptions(depends_on=[a]))\n'
    )


def test_what_fails_before_a_change_forbids_it(tmp_path):
    made = shop(tmp_path / "shop", failing("before_create"))
    outcome = made.run("up")
    assert outcome.exit_code == 1
    assert 'before hook "bad" failed: no' in told(outcome)
    assert made.world.things() == {}


def test_what_fails_after_a_change_leaves_it_in_the_state_and_ends_the_run(tmp_path):
    made = shop(tmp_path / "shop", failing("after_create"))
    outcome = made.run("up")
    assert outcome.exit_code == 1
    assert 'after hook "bad" failed: no' in told(outcome)
    assert list(made.world.things()) == ["a"]
    assert any(item["urn"].endswith("::a") for item in resources(made))
    assert made.run("up").exit_code == 0, "what is made is not made again"


def test_errors_of_a_hook_may_be_of_no_matter(tmp_path):
    made = shop(tmp_path / "shop", failing("after_create", ignore=True))
    outcome = made.run("up")
    assert outcome.exit_code == 0
    assert 'AfterCreate hook "bad" failed: no' in told(outcome)
    assert sorted(made.world.things()) == ["a", "b"]


def test_hooks_stand_in_the_state_as_the_cli_has_them(tmp_path):
    made = shop(tmp_path / "shop", HOOKS + 'Thing("a", opts=ResourceOptions(hooks=bound))\n')
    made.run("up")
    document = json.loads(made.state_file.read_text())
    assert (document["version"], document["features"]) == (4, ["hooks"])
    (thing,) = [item for item in resources(made) if item["urn"].endswith("::a")]
    assert thing["resourceHooks"]["BeforeDelete"] == ["before_delete"]


def test_a_deletion_without_the_program_that_has_its_hooks_is_refused(tmp_path):
    made = shop(tmp_path / "shop", HOOKS + 'Thing("a", opts=ResourceOptions(hooks=bound))\n')
    made.run("up")
    outcome = made.run("destroy")
    assert outcome.exit_code == 1
    assert 'hook "before_delete" was not registered' in told(outcome)[0]
    assert list(made.world.things()) == ["a"]


def resources(made):
    return json.loads(made.state_file.read_text())["checkpoint"]["latest"]["resources"]


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        ("'one'", "'two'", True),
        ("'one'", "'one'", False),
        ("None", "'one'", False),
        ("'one'", "None", False),
        ("{'a': [1]}", "{'a': [2]}", True),
        ("pulumi.Output.secret('one')", "'one'", False),
        ("pulumi.Output.secret('one')", "pulumi.Output.secret('two')", True),
    ],
)
def test_a_changed_trigger_replaces_its_resource(tmp_path, before, after, replaced):
    text = 'Thing("a", first=True, opts=pulumi.ResourceOptions(replacement_trigger={}))\n'
    made = shop(tmp_path / "shop", text.replace("{}", before))
    made.run("up")
    made.program(text.replace("{}", after))
    for operation in ("preview", "up"):
        outcome = made.run(operation)
        assert outcome.exit_code == 0, told(outcome)
        assert outcome.counts == ({"same": 1, "replace": 1} if replaced else {"same": 2})
    assert made.run("up").counts == {"same": 2}
    assert ("ciphertext" in made.state_file.read_text()) == ("secret" in after)
