"""Settings files reach the program, and changes to them keep the comments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as some

from webstack.engine.model.errors import PassphraseError, ProjectError, UnsupportedError
from webstack.engine.project import config, settings, yaml_edit
from webstack.engine.project.config import ConfigMap, read_settings
from webstack.engine.project.project import Project
from webstack.engine.storage.crypto import Crypter

RECORDED = (Path(__file__).parents[3] / "recordings/Pulumi.dev.yaml").read_text()
ENVIRON = {"PULUMI_CONFIG_PASSPHRASE": "x"}


def project(folder: Path, stack_settings: str = "", extra: str = "") -> Project:
    (folder / "Pulumi.yaml").write_text(
        f"name: eng-sample\nruntime: python\nbackend: {{url: file://.state}}\n{extra}"
    )
    if stack_settings:
        (folder / "Pulumi.dev.yaml").write_text(stack_settings)
    return Project.load(folder, ENVIRON)


def seen(made: Project) -> ConfigMap:
    read = read_settings(made, "dev")
    return config.for_program(read, Crypter(read.salt, "x") if read.salt else None)


def test_the_program_sees_what_it_sees_under_the_cli(tmp_path):
    found = seen(project(tmp_path, RECORDED))
    assert json.loads(found.values["eng-sample:limits"]) == {"cpu": 2, "key": "hush", "tags": ["a"]}
    assert found.values["eng-sample:token"] == "s3cr3t-value"
    assert found.secret_keys == {"eng-sample:limits", "eng-sample:token"}
    assert found.shown["eng-sample:limits"] == '{"cpu":2,"key":"[secret]","tags":["a"]}'
    assert found.shown["eng-sample:token"] == "[secret]"


@pytest.mark.parametrize(
    ("written", "text"),
    [("true", "true"), ("8", "8"), ("1.5", "1.5"), ("'08'", "08"), ("[a, 1]", '["a",1]'), ("", "")],
)
def test_values_become_texts(tmp_path, written, text):
    found = seen(project(tmp_path, f"config:\n  eng-sample:key: {written}\n"))
    assert found.values["eng-sample:key"] == text


def test_bare_keys_belong_to_the_project(tmp_path):
    found = seen(project(tmp_path, "config:\n  key: a\n  docker:host: b\n"))
    assert found.values == {"eng-sample:key": "a", "docker:host": "b"}


def test_the_projects_defaults_stand_where_the_stack_is_silent(tmp_path):
    extra = "config:\n  one: 1\n  two: {default: 2}\n  three: {value: 3, type: integer}\n"
    found = seen(project(tmp_path, "config:\n  one: mine\n", extra))
    assert found.values == {
        "eng-sample:one": "mine",
        "eng-sample:two": "2",
        "eng-sample:three": "3",
    }


def test_secrets_without_a_salt_are_an_error(tmp_path):
    made = project(tmp_path, "config:\n  a: {secure: v1:x:y}\n")
    with pytest.raises(ProjectError, match="encryptionsalt"):
        seen(made)


def test_other_secrets_providers_are_refused(tmp_path):
    with pytest.raises(UnsupportedError, match="awskms"):
        read_settings(project(tmp_path, "secretsprovider: awskms://a\n"), "dev")


def test_broken_yaml_names_file_and_line(tmp_path):
    with pytest.raises(ProjectError, match=r"Pulumi\.dev\.yaml.* in line \d"):
        read_settings(project(tmp_path, "config:\n  a: [1\n"), "dev")


COMMENTED = """\
# what dev is
encryptionsalt: v1:abc  # do not lose it
config:
  # how many
  shop:count: 1  # small

  shop:services:
    flask:
      port: 1
    # the last
  bare: x
# the end
"""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("config", "shop:count"), "2"),
        (("config", "shop:services"), {"secure": "v1:x"}),
        (("config", "bare"), "y"),
        (("config", "shop:new"), "n"),
        (("encryptionsalt",), "v1:def"),
        (("secretsprovider",), "passphrase"),
    ],
)
def test_setting_an_entry_keeps_the_rest_and_its_comments(path, value):
    changed = yaml_edit.with_entry(COMMENTED, path, value)
    wanted = yaml.safe_load(COMMENTED)
    (wanted if len(path) == 1 else wanted["config"])[path[-1]] = value
    assert yaml.safe_load(changed) == wanted
    for comment in ("# what dev is", "# how many", "# the last", "# the end"):
        assert comment in changed


@pytest.mark.parametrize(
    "text",
    [
        "config:\n    four:\n        deep: 1\n",
        "config:\n  list:\n    - x\n  other:\n  - y\n",
        "config:\n  a:      1   # one\n  long:   2   # two\n",
        "config:\n  flow: {b: 1,  c: [1,2]}\n  none: ~\n",
        "---\nconfig:\n  plain: one\n    two\n",
        "config:\n  trail: 1   \n",
        'config:\n  escaped: "\\u00e9"\n',
    ],
)
def test_setting_and_removing_an_entry_touches_no_other_line(text):
    changed = yaml_edit.with_entry(text, ("config", "new"), {"key": "value"})
    assert changed.startswith(text)
    assert yaml_edit.without_entry(changed, ("config", "new")) == text


def test_a_layout_that_cannot_be_changed_is_told_in_one_line():
    with pytest.raises(ProjectError, match=r"^cannot change config.new in this layout: edit the"):
        yaml_edit.with_entry("config:\n  tab: 1\t# one\n", ("config", "new"), "x")


@pytest.mark.parametrize("services", ["", " {}", "\n    a: {x: 1}  # own", "\n    # none yet"])
def test_an_entry_below_another_comes_at_its_end(services):
    text = f"config:\n  shop:services:{services}\n\n  # the next\n  shop:count: 3\n"
    changed = yaml_edit.with_entry(text, ("config", "shop:services", "b"), {"y": [1]})
    wanted = yaml.safe_load(text)
    wanted["config"]["shop:services"] = {
        **(wanted["config"]["shop:services"] or {}),
        "b": {"y": [1]},
    }
    assert yaml.safe_load(changed) == wanted
    assert changed.index("b:") < changed.index("# the next")


def test_removing_an_entry_keeps_the_rest_and_its_comments():
    changed = yaml_edit.without_entry(COMMENTED, ("config", "shop:services"))
    assert set(yaml.safe_load(changed)["config"]) == {"shop:count", "bare"}
    assert "# how many" in changed
    assert yaml_edit.without_entry(COMMENTED, ("config", "none")) == COMMENTED


@pytest.mark.parametrize("text", ["", "# only this\n", "config:\n", "config: {}\n", "a: 1"])
def test_a_first_entry_is_added_to_any_file(text):
    changed = yaml_edit.with_entry(text, ("config", "k"), "v")
    assert yaml.safe_load(changed)["config"] == {"k": "v"}


KEYS = some.text("abcxyz", min_size=1, max_size=4)
VALUES = some.recursive(
    some.integers() | some.booleans() | some.text("ab:# \n'\"é", max_size=8),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


@example_settings(deadline=None)
@given(some.dictionaries(KEYS, VALUES, max_size=4), KEYS, VALUES, some.booleans())
def test_any_entry_can_be_set_and_removed_again(entries, key, value, flow):
    text = yaml.safe_dump({"config": entries}, default_flow_style=flow, allow_unicode=True)
    if flow:
        lines = [f"  {name}: {json.dumps(item)}\n" for name, item in entries.items()]
        text = "".join(["config:\n", *lines])
    changed = yaml_edit.with_entry(text, ("config", key), value)
    assert yaml.safe_load(changed)["config"] == {**entries, key: value}
    without = yaml_edit.without_entry(changed, ("config", key))
    remaining = {k: v for k, v in entries.items() if k != key}
    assert (yaml.safe_load(without)["config"] or {}) == remaining


def test_a_text_with_what_looks_like_a_comment_goes_as_a_whole():
    text = yaml_edit.with_entry("config:\n  z: 2\n", ("config", "k"), {"a": ["\n#"]})
    assert yaml_edit.without_entry(text, ("config", "k")) == "config:\n  z: 2\n"


def test_secret_settings_are_sealed_and_read_back(tmp_path):
    made = project(tmp_path, RECORDED)
    settings.put(made, "dev", "password", "hunter2", secret=True)
    assert "hunter2" not in made.settings_file("dev").read_text()
    assert settings.get(made, "dev", "password") == "hunter2"
    assert settings.listed(made, "dev")["eng-sample:password"] == "[secret]"
    assert settings.listed(made, "dev", show_secrets=True)["eng-sample:password"] == "hunter2"


def test_a_key_keeps_the_form_in_which_the_file_has_it(tmp_path):
    made = project(tmp_path, "config:\n  count: 1\n")
    settings.put(made, "dev", "eng-sample:count", "2")
    assert yaml.safe_load(made.settings_file("dev").read_text())["config"] == {"count": "2"}


def test_a_removed_key_is_gone_and_an_absent_one_an_error(tmp_path):
    made = project(tmp_path, "config:\n  count: 1\n")
    settings.remove(made, "dev", "count")
    with pytest.raises(ProjectError, match="not found"):
        settings.get(made, "dev", "count")
    with pytest.raises(ProjectError, match="not found"):
        settings.remove(made, "dev", "count")


def test_the_first_secret_brings_a_salt(tmp_path):
    made = project(tmp_path, "config:\n  count: 1\n")
    settings.put(made, "dev", "password", "p", secret=True)
    assert settings.get(made, "dev", "password") == "p"


def test_a_wrong_passphrase_writes_nothing(tmp_path):
    made = project(tmp_path, RECORDED)
    wrong = Project.load(tmp_path, {"PULUMI_CONFIG_PASSPHRASE": "y"})
    with pytest.raises(PassphraseError):
        settings.put(wrong, "dev", "password", "p", secret=True)
    assert made.settings_file("dev").read_text() == RECORDED


def test_single_values_inside_structures(tmp_path):
    made = project(tmp_path, "config:\n  # kept\n  eng-sample:o:\n    a: x\n")
    settings.put(made, "dev", "o.b[0]", "5", path=True)
    settings.put(made, "dev", 'o["c d"].on', "true", path=True)
    settings.put(made, "dev", "o.pw", "hunter2", secret=True, path=True)
    settings.put(made, "dev", "fresh", "7", path=True)
    text = made.settings_file("dev").read_text()
    assert "# kept" in text
    assert "hunter2" not in text
    assert settings.get(made, "dev", "o.pw", path=True) == "hunter2"
    assert settings.get(made, "dev", "o.b", path=True) == "[5]"
    settings.remove(made, "dev", "o.pw", path=True)
    own = config.own_values(made.settings_file("dev"))
    assert own["eng-sample:o"] == {"a": "x", "b": [5], "c d": {"on": True}}
    assert own["eng-sample:fresh"] == "7"


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("o.a.b", "inside a value that is not an object"),
        ("o[0]", "of a value that is not a list"),
        ("o.l[2]", "element 2 of a list of 0"),
        ("o[", "not a property path"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(tmp_path, key, says):
    made = project(tmp_path, "config:\n  eng-sample:o: {a: x}\n")
    with pytest.raises(ProjectError, match=says):
        settings.put(made, "dev", key, "1", path=True)
    before = made.settings_file("dev").read_text()
    with pytest.raises(ProjectError, match=says):
        settings.put(made, "dev", key, "1", path=True, secret=True)
    assert made.settings_file("dev").read_text() == before
    with pytest.raises(ProjectError, match=f"{says}|not found"):
        settings.remove(made, "dev", key, path=True)
