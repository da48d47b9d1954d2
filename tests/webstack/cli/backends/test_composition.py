import io
import json
import socket
import subprocess
import sys

import pytest

from webstack.cli.backends import composition
from webstack.cli.backends.composition import Choice, choose, find_project, open_session
from webstack.cli.backends.embedded import EmbeddedRunner
from webstack.cli.backends.pulumi_cli import PulumiCli, PulumiRunner
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.terminal.errors import OpsError
from webstack.engine.model.events import Diagnostic
from webstack.engine.operations import operations

CLI = "/usr/bin/pulumi"


@pytest.mark.parametrize(
    ("option", "environ", "setting", "cli", "expected"),
    [
        (None, {}, None, CLI, Choice("pulumi", "found at /usr/bin/pulumi")),
        (None, {}, None, None, Choice("embedded", "no pulumi on PATH")),
        (None, {}, "embedded", CLI, Choice("embedded", "the setting webstack:engine")),
        (None, {"WEBSTACK_ENGINE": "pulumi"}, "embedded", CLI, Choice("pulumi", "WEBSTACK_ENGINE")),
        ("embedded", {"WEBSTACK_ENGINE": "pulumi"}, None, CLI, Choice("embedded", "--engine")),
        (
            "auto",
            {"WEBSTACK_ENGINE": "auto"},
            "auto",
            None,
            Choice("embedded", "no pulumi on PATH"),
        ),
    ],
)
def test_the_closest_word_decides_and_is_named(option, environ, setting, cli, expected):
    assert choose(option, environ, setting, cli) == expected


def test_asking_for_a_cli_that_is_not_there_names_the_way_out():
    with pytest.raises(OpsError, match=r"--engine asks for the Pulumi CLI.*--engine embedded"):
        choose("pulumi", {}, None, None)


def test_a_misspelt_engine_is_refused():
    with pytest.raises(OpsError, match='WEBSTACK_ENGINE is "pulimi"'):
        choose(None, {"WEBSTACK_ENGINE": "pulimi"}, None, None)


def test_the_project_is_found_from_any_folder_below_it(project):
    below = project / "a/b"
    below.mkdir(parents=True)
    assert find_project(below) == project


def test_from_elsewhere_the_commands_own_project_is_meant(tmp_path):
    assert (find_project(tmp_path) / "webstack/cli/backends/composition.py").is_file()


def test_a_session_knows_state_and_passphrase(project, monkeypatch):
    monkeypatch.setattr(composition, "_path_of_cli", lambda: None)
    session = open_session(None, None, project, {})
    assert isinstance(session.runner, EmbeddedRunner)
    assert session.stack == "dev"
    assert session.project.environ == {
        "PULUMI_BACKEND_URL": f"file://{project}/.state",
        "PULUMI_CONFIG_PASSPHRASE_FILE": f"{project}/dev.passphrase",
    }


def test_an_engine_that_is_found_later_is_seen_by_what_runs_the_program(project):
    environ = {}
    session = open_session("dev", "embedded", project, environ)
    environ["DOCKER_HOST"] = "unix:///found/later.sock"
    assert session.project.environ["DOCKER_HOST"] == "unix:///found/later.sock"


def test_a_session_of_the_cli_has_its_state_folder(project, monkeypatch):
    """The CLI does not make the folder itself."""
    monkeypatch.setattr(composition, "_path_of_cli", lambda: CLI)
    session = open_session(None, None, project, {"PULUMI_STACK": "staging"})
    assert isinstance(session.runner, PulumiRunner)
    assert session.stack == "staging"
    assert (project / ".state").is_dir()


def test_the_stacks_settings_may_choose(project, monkeypatch):
    monkeypatch.setattr(composition, "_path_of_cli", lambda: CLI)
    (project / "Pulumi.dev.yaml").write_text("config: {'webstack:engine': embedded}\n")
    choice = open_session("dev", None, project, {}).choice
    assert str(choice) == "the embedded engine (the setting webstack:engine)"


@pytest.mark.parametrize("left", ["file://.state", "s3://bucket"])
def test_the_cli_is_rid_of_the_locks_of_runs_that_are_dead(project, monkeypatch, capsys, left):
    """A backend that is no folder keeps its own locks."""
    monkeypatch.setattr(composition, "_path_of_cli", lambda: CLI)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lock = project / ".state/.pulumi/locks/organization/webstack/dev/1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": ended.pid, "hostname": socket.gethostname()}))
    session = open_session(None, "pulumi", project, {"PULUMI_BACKEND_URL": left})
    monkeypatch.setattr(PulumiCli, "show", lambda *_: 0)
    assert session.runner.up(OperationOptions()) == 0
    assert lock.exists() == left.startswith("s3")
    assert ("took over the lock" in capsys.readouterr().err) != lock.exists()


@pytest.mark.parametrize("left", ["file://.state", "s3://bucket"])
def test_the_cli_goes_on_from_what_a_killed_run_left_under_way(project, monkeypatch, capsys, left):
    """The CLI alone would make the existing objects anew, and fail on their names."""
    monkeypatch.setattr(composition, "_path_of_cli", lambda: CLI)
    state = project / ".state/.pulumi/stacks/webstack/dev.json"
    state.parent.mkdir(parents=True)
    resource = {"urn": "urn:pulumi:dev::webstack::a:b:C::c", "type": "a:b:C", "custom": True}
    latest = {"pending_operations": [{"resource": resource, "type": "creating"}]}
    state.write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}))
    done = []

    def settle(_project, _stack, observe):
        monkeypatch.setattr(sys, "stderr", io.StringIO())  # the program's, while it runs
        observe(Diagnostic("info", "adopted c"))
        done.append("settled")

    monkeypatch.setattr(operations, "settle", settle)
    monkeypatch.setattr(PulumiCli, "show", lambda *_: done.append("run") or 0)
    session = open_session(None, "pulumi", project, {"PULUMI_BACKEND_URL": left})
    assert session.runner.up(OperationOptions()) == 0
    assert done == (["run"] if left.startswith("s3") else ["settled", "run"])
    assert capsys.readouterr().err == ("" if left.startswith("s3") else "adopted c\n")
