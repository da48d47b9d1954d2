"""Stacks are made, listed, removed, exported and imported."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from tests.webstack.engine.stacks import shop
from webstack.engine.model.errors import BackendError, EngineError, ProjectError, StateError
from webstack.engine.operations import stacks
from webstack.engine.project.project import Project

PROGRAM = 'Thing("a", token=pulumi.Output.secret("hush"))\n'


@pytest.fixture
def made(tmp_path):
    made = shop(tmp_path / "shop", PROGRAM)
    made.run("up")
    return made


def test_a_stack_is_made_once(made):
    assert stacks.exists(made.project, "dev")
    with pytest.raises(EngineError, match="already exists"):
        stacks.init(made.project, "dev")


def test_a_new_stack_gets_a_salt_and_an_empty_state(made):
    stacks.init(made.project, "organization/shop/prod")
    assert "encryptionsalt" in made.project.settings_file("prod").read_text()
    assert "resources" not in stacks.export(made.project, "prod")["deployment"]
    assert stacks.ls(made.project) == ["dev", "prod"]


@pytest.mark.parametrize("before", [None, "# mine\nconfig:\n  shop:a: b\n"])
def test_where_the_state_cannot_be_written_the_settings_are_as_before(tmp_path, before):
    project = shop(tmp_path / "shop", PROGRAM).project
    (project.state_folder / ".pulumi/stacks").rename(tmp_path / "elsewhere")
    (project.state_folder / ".pulumi/stacks").write_text("in the way")
    file = project.settings_file("prod")
    if before is not None:
        file.write_text(before)
    with pytest.raises(BackendError, match=r"cannot write .*prod\.json"):
        stacks.init(project, "prod")
    assert (file.read_text() if file.exists() else None) == before


def test_a_stack_that_cannot_be_removed_is_one_clear_error(made, monkeypatch):
    unlink = Path.unlink

    def refused(path, missing_ok=False):
        if path.name == "dev.json":
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(BackendError, match=r"cannot remove .*dev\.json: Read-only file system"):
        stacks.rm(made.project, "dev", force=True)
    assert made.run("up").counts == {"same": 2}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "a b",
            "../x",
            "other/shop/dev",
            "organization/else/dev",
            ".",
            "..",
            "dev\n",
            "d\0ev",
        ),
        *("é", "x" * 101, "x" * 300, "a/" * 3000, "organization/" + "x" * 5000),
    ],
)
def test_names_that_are_none_are_refused(made, name):
    with pytest.raises(ProjectError, match=r"^stack ") as caught:
        stacks.init(made.project, name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 150


def test_a_stack_with_resources_is_removed_only_by_force(made):
    with pytest.raises(StateError, match="still has resources"):
        stacks.rm(made.project, "dev")
    stacks.rm(made.project, "dev", force=True)
    assert not stacks.exists(made.project, "dev")
    assert made.project.settings_file("dev").exists()


def test_an_export_can_be_imported_with_or_without_secrets_shown(made):
    sealed = stacks.export(made.project, "dev")
    shown = stacks.export(made.project, "dev", show_secrets=True)
    assert "hush" not in json.dumps(sealed)
    assert "hush" in json.dumps(shown)
    for document in (sealed, shown):
        assert stacks.import_(made.project, "dev", document, print) == 3
        assert "hush" not in made.state_file.read_text()
        assert made.run("up").counts == {"same": 2}


def test_an_export_under_another_passphrase_is_refused(made):
    sealed = stacks.export(made.project, "dev")
    other = shop(made.root.parent / "other", PROGRAM)
    other.environ["PULUMI_CONFIG_PASSPHRASE"] = "y"
    other.project.settings_file("dev").write_text("")
    other.state_file.unlink()
    stacks.init(other.project, "dev")
    with pytest.raises(EngineError, match="passphrase"):
        stacks.import_(other.project, "dev", sealed, print)


@pytest.mark.parametrize("document", [{}, {"version": 2}, {"version": 3, "deployment": 1}])
def test_what_is_no_export_is_refused(made, document):
    with pytest.raises(StateError, match="exported state"):
        stacks.import_(made.project, "dev", document, print)


def test_the_state_of_another_stack_is_refused(made):
    stacks.init(made.project, "prod")
    with pytest.raises(StateError, match="belongs to stack dev"):
        stacks.import_(made.project, "prod", stacks.export(made.project, "dev"), print)


def test_the_settings_may_get_another_salt_than_the_state_has(made):
    """The state is opened with its own salt, and from then on sealed with that of the settings."""
    from webstack.engine.storage.crypto import new_salt

    made.project.settings_file("dev").write_text(f"encryptionsalt: {new_salt('x')}\n")
    assert made.run("up").counts == {"same": 2}
    made.program(PROGRAM.replace("hush", "hush2")).run("up")
    salt = made.project.settings_file("dev").read_text().partition(": ")[2].strip()
    latest = stacks.export(made.project, "dev")["deployment"]
    assert latest["secrets_providers"]["state"]["salt"] == salt
    assert made.run("up").counts == {"same": 2}


def test_without_a_passphrase_lists_and_public_outputs_still_work(made):
    from webstack.engine.operations import operations

    bare = Project.load(made.root, {})
    assert stacks.ls(bare) == ["dev"]
    assert operations.outputs(bare, "dev") == {}
    with pytest.raises(EngineError, match="PULUMI_CONFIG_PASSPHRASE"):
        operations.preview(bare, "dev")
