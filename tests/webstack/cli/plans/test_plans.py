"""A plan names each thing that has moved since it was made, and holds no value of any."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tests.webstack.cli.review.write_golden import CASES, recording
from webstack.cli.plans import files
from webstack.cli.plans.moved import moved
from webstack.cli.plans.plan import (
    SavedPlan,
    planned_images,
    planned_steps,
    program_digests,
    setting_digests,
    state_digests,
)
from webstack.cli.review.document import parse
from webstack.cli.terminal.errors import OpsError

SECRET = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "v1",
}
SETTINGS = {"webstack:port": 8080, "webstack:key": {"secure": "v1:x"}}
RESOURCE = {
    "urn": "urn:pulumi:dev::shop::a:b:Volume::data",
    "type": "a:b:Volume",
    "inputs": {"name": "data", "key": SECRET},
    "modified": "2026-11-21T14:18:27.753770Z",
}


def state(**changes: object) -> dict[str, str]:
    return state_digests({"deployment": {"resources": [{**RESOURCE, **changes}]}})


def plan(case: str = "code", engine: str = "cli", **changes: object) -> SavedPlan:
    document = parse(recording(case, engine))
    made = SavedPlan(
        version=1,
        project="shop",
        stack="dev",
        headline="",
        targets=(),
        loss_allowed=False,
        program={"infra/stack.py": "1"},
        settings=setting_digests(SETTINGS),
        state=state(),
        images=planned_images(document),
        steps=planned_steps(document),
    )
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize("case", sorted({*CASES} - {"removed-service", "removed-data"}))
def test_both_engines_make_the_same_plan(case: str):
    assert list(moved(plan(case, "cli"), plan(case, "embedded"))) == []


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"project": "other"}, "it is for the project shop, this is other"),
        ({"stack": "staging"}, "it is for the stack dev, this is staging"),
        ({"targets": ("a",)}, "it was made with other targets (none)"),
        ({"loss_allowed": True}, "it was made without --allow-data-loss"),
        ({"program": {"infra/stack.py": "2"}}, "the program: infra/stack.py changed"),
        ({"program": {}}, "the program: infra/stack.py is gone"),
        (
            {
                "settings": setting_digests(
                    {"webstack:port": 80, "webstack:key": {"secure": "v1:x"}}
                )
            },
            "the setting webstack:port changed",
        ),
        ({"state": state(inputs={})}, "the state of Volume data changed"),
        ({"state": {}}, "the state of Volume data is gone"),
        (
            {"images": {"flask": "webstack/flask:1"}},
            "the image of flask would be webstack/flask:1, planned was shop/flask:",
        ),
        ({"steps": planned_steps(parse(recording("code", "cli")))[1:]}, "no longer to do is: "),
    ],
)
def test_what_has_moved_is_named(now: dict[str, object], words: str):
    (found,) = moved(plan(), plan(**now))
    assert found.startswith(words)


def test_steps_are_named_only_where_no_cause_is():
    (found,) = moved(plan(), plan("limits"))
    assert found.startswith("the image of flask would be as it is, planned was ")


def test_another_ciphertext_or_notation_of_time_is_no_other_state():
    sealed = {"name": "data", "key": {**SECRET, "ciphertext": "v2"}}
    assert state(inputs=sealed, modified="2026-11-21T14:18:27.75377Z") == state()
    assert state(modified="2026-11-21T14:18:28Z") != state()


def test_the_program_is_what_makes_the_stack(tmp_path: Path):
    (tmp_path / "infra" / "__pycache__").mkdir(parents=True)
    for name in ("infra/stack.py", "infra/__pycache__/stack.pyc", "Pulumi.yaml", "README.md"):
        (tmp_path / name).write_text("1")
    assert set(program_digests(tmp_path)) == {"infra/stack.py", "Pulumi.yaml"}


def test_a_plan_comes_back_from_its_file(tmp_path: Path):
    file = tmp_path / "plan"
    files.save(file, plan("secret"))
    assert files.load(file) == plan("secret")
    assert "v1:x" not in file.read_text()


def test_the_keys_of_a_plan_file_stay(tmp_path: Path):
    """A plan is made in one job and applied in another, maybe by another version of this."""
    file = tmp_path / "plan"
    files.save(file, plan())
    assert json.loads(file.read_text()).keys() == {
        *("version", "project", "stack", "verdict", "targets", "loss_allowed"),
        *("program", "settings", "state", "images", "steps"),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a plan"),
        ("{}", "is not a plan"),
        ('{"steps": []}', "is not a plan"),
        (json.dumps({**msgspec.to_builtins(plan()), "version": 2}), "of version 2, not 1"),
        ('{"version": 0, "other": []}', "of version 0, not 1"),
        ('{"version": 1, "project": "\udcff"}', "is not a plan: .* can't decode"),
        ('{"version": 1, "project": ' + "[" * 100_000, "is not a plan: .* recursion"),
    ],
)
def test_what_is_no_plan_is_one_line(tmp_path: Path, text: str, message: str):
    file = tmp_path / "plan"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(OpsError, match=message) as raised:
        files.load(file)
    assert "\n" not in str(raised.value)


def test_what_came_or_went_is_named_before_what_changed_with_it():
    before, after = {"a": "1", "c": "1"}, {"a": "2", "d": "1"}
    assert list(moved(plan(settings=before), plan(settings=after))) == [
        "the setting c is gone",
        "the setting d is new",
        "the setting a changed",
    ]


def test_a_missing_plan_is_one_line(tmp_path: Path):
    with pytest.raises(OpsError, match=r"cannot read the plan .*: No such file"):
        files.load(tmp_path / "plan")


def test_a_plan_without_an_end_is_one_line():
    with pytest.raises(OpsError, match="cannot read the plan /dev/zero: it has more than 16 MiB;"):
        files.load(Path("/dev/zero"))


def test_only_the_first_differences_are_told(tmp_path: Path):
    many = plan(program={str(number): "" for number in range(9)})
    with pytest.raises(OpsError, match=r"0 is new; .*, and 7 more; look at a new one"):
        files.require_unmoved(tmp_path / "plan", plan(), many)
