import io
import json
import sys

import pytest

from webstack.cli import main
from webstack.cli.commands import records
from webstack.contract import bounded_files
from webstack.docker.endpoint import Endpoint


@pytest.fixture
def run(session, monkeypatch):
    def run(*words, given=""):
        monkeypatch.setattr(records, "open_session", lambda *_: session)
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        return main.main(words)

    return run


def test_outputs_as_json_have_the_promised_shape(run, session, capsys):
    assert run("outputs", "--json") == 0
    shape = json.loads(capsys.readouterr().out)
    assert shape.keys() == {"url", "services", "release"}
    assert shape["services"]["flask"].keys() == {"url", "image", "containers"}


def test_secret_outputs_are_shown_only_when_asked(run, capsys):
    run("outputs")
    assert "key" not in capsys.readouterr().out
    run("outputs", "--show-secrets")
    assert "key       open" in capsys.readouterr().out


def test_history_reads_both_engines_times(run, session, capsys):
    """The embedded engine records seconds, the CLI prints ISO times."""
    session.records.updates = [
        {"startTime": 1_700_000_000, "kind": "update", "result": "succeeded",
         "resourceChanges": {"same": 2, "create": 1}},
        {"startTime": "2023-11-14T22:13:20.000Z", "kind": "destroy", "result": "failed"},
    ]  # fmt: skip
    run("history")
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["STARTED", "KIND", "RESULT", "CHANGES"]
    assert first[:19] == second[:19]
    assert first.endswith("update   succeeded  1 create, 2 same")


def test_settings_are_read_written_and_removed(run, session, capsys):
    run("config", "get", "plain")
    assert capsys.readouterr().out == "1\n"
    run("config", "set", "plain", "2")
    run("config", "rm", "plain")
    assert session.records.settings == {}


def test_a_secret_is_piped_in_without_its_line_end(run, session):
    """So that it stands neither in the shell's history nor in the list of processes."""
    run("config", "set", "password", "--secret", given="hush\n")
    assert session.records.settings["password"] == "hush"
    assert session.records.secrets == {"password"}


def test_stacks_are_created_listed_and_removed(run, session, capsys):
    run("stack", "init", "staging")
    assert session.records.created
    run("stack", "ls")
    assert capsys.readouterr().out == "dev\nstaging\n"
    run("stack", "rm", "staging", "--yes", "--force")
    assert session.records.deleted == "forced"


def test_nothing_is_removed_without_a_yes(run, session, capsys):
    assert run("stack", "rm", "staging") == 1
    assert capsys.readouterr().err == "error: removing a stack needs a yes; add --yes\n"
    assert not session.records.deleted


def test_a_state_goes_out_and_comes_in(run, session, tmp_path, capsys):
    session.records.deployment = '{"version": 3}'
    run("stack", "export", "--file", str(tmp_path / "state.json"))
    session.records.deployment = ""
    run("stack", "import", "--file", str(tmp_path / "state.json"))
    assert session.records.deployment == '{"version": 3}'
    run("stack", "import", given="piped")
    run("stack", "export")
    assert capsys.readouterr().out == "piped"


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("import", "error: cannot read {file}: No such"),
        ("export", "error: cannot write {file}: No"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(run, session, tmp_path, capsys, verb, says):
    file = tmp_path / "nowhere/state.json"
    assert run("stack", verb, "--file", str(file)) == 1
    said = capsys.readouterr().err
    assert said.startswith(says.format(file=file))
    assert len(said.splitlines()) == 1


def test_a_state_folder_that_cannot_be_made_is_one_line(project, monkeypatch, capsys):
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    (project / ".state").write_text("in the way")
    assert main.main(["env", "-C", str(project)]) == 1
    assert capsys.readouterr().err.startswith(f"error: cannot make {project}/.state: File exists.")


def test_env_prints_what_a_shell_can_evaluate(project, monkeypatch, capsys):
    monkeypatch.setattr(records, "find", lambda _: None)
    for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert main.main(["env", "-C", str(project)]) == 0
    assert capsys.readouterr().out == (
        f"export PULUMI_BACKEND_URL=file://{project}/.state\n"
        f"export PULUMI_CONFIG_PASSPHRASE_FILE={project}/dev.passphrase\n"
    )
    assert (project / ".state").is_dir()


def test_env_names_an_engine_that_the_provider_would_not_find(project, monkeypatch, capsys):
    rootless = Endpoint("unix:///run/user/7/docker.sock", "rootless socket")
    monkeypatch.setattr(records, "find", lambda _: rootless)
    assert main.main(["env", "-C", str(project)]) == 0
    assert f"export DOCKER_HOST={rootless.url}\n" in capsys.readouterr().out


def test_env_unsets_what_the_provider_alone_would_take_for_encryption(project, monkeypatch, capsys):
    monkeypatch.setattr(records, "find", lambda _: Endpoint("tcp://near:2375", "DOCKER_HOST"))
    monkeypatch.setenv("DOCKER_CERT_PATH", "/certs")
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    assert main.main(["env", "-C", str(project)]) == 0
    out = capsys.readouterr().out
    assert "unset DOCKER_CERT_PATH\n" in out
    assert "DOCKER_TLS_VERIFY" not in out


@pytest.mark.parametrize("words", [["config", "set", "a"], ["stack", "import"]])
def test_standard_input_without_an_end_is_one_line(run, monkeypatch, capsys, words):
    monkeypatch.setattr(bounded_files, "SMALL", 10)
    monkeypatch.setattr(bounded_files, "LARGEST", 10)
    assert run(*words, given="x" * 11) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: standard input has more than")
    assert said.count("\n") == 1
