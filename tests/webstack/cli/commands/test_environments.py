"""Stacks made like others: their own salt, port and passphrase; and the difference of two."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from webstack.cli.main import main

OURS, THEIRS = "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs `webstack` in the project; gives its exit code, and what it said."""
    monkeypatch.delenv(OURS, raising=False)
    monkeypatch.delenv(THEIRS, raising=False)
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)

    def command(*words: str, passphrase: str | None = None) -> tuple[int, str]:
        if passphrase is None:
            monkeypatch.delenv(OURS, raising=False)
        else:
            monkeypatch.setenv(OURS, passphrase)
        code = main([*words, "--engine", "embedded", "--cwd", str(project)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


def settings(project: Path, stack: str) -> dict[str, object]:
    return dict(yaml.safe_load((project / f"Pulumi.{stack}.yaml").read_text()))


def test_a_stack_like_dev_has_a_port_a_salt_and_the_public_passphrase(project: Path, run):
    code, said = run("stack", "init", "pr-7", "--like", "dev", "--expires", "72h")
    assert code == 0, said
    made = settings(project, "pr-7")
    assert made["encryptionsalt"] != settings(project, "dev").get("encryptionsalt")
    assert made["config"]["webstack:port"] == 8081
    assert made["config"]["webstack:environment"] == "dev"
    assert made["config"]["webstack:expires"].endswith("Z")
    assert "Made pr-7 like dev, on port 8081, until 20" in said
    assert run("stack", "ls")[1].split() == ["pr-7"]
    assert run("stack", "init", "pr-8", "--like", "pr-7")[0] == 0
    assert settings(project, "pr-8")["config"]["webstack:port"] == 8082


def test_secrets_come_along_where_they_can_be_opened(project: Path, run):
    (project / "Pulumi.staging.yaml").write_text("config:\n  webstack:port: 8180\n")
    assert (
        run("config", "set", "token", "hush", "--secret", "-s", "staging", passphrase="x")[0] == 0
    )
    assert run("stack", "init", "qa", "--like", "staging", passphrase="x")[0] == 0
    sealed = settings(project, "qa")["config"]["webstack:token"]["secure"]
    assert sealed != settings(project, "staging")["config"]["webstack:token"]["secure"]
    assert run("config", "get", "token", "-s", "qa", passphrase="x") == (0, "hush\n")


def test_secrets_that_cannot_be_opened_are_named(project: Path, run):
    (project / "Pulumi.staging.yaml").write_text("config:\n  webstack:port: 8180\n")
    run("config", "set", "token", "hush", "--secret", "-s", "staging", passphrase="x")
    code, said = run("stack", "init", "qa", "--like", "staging", passphrase="another")
    assert code == 0
    assert "webstack config set --secret webstack:token --stack qa" in said
    assert "webstack:token" not in settings(project, "qa")["config"]


def test_a_lost_settings_file_comes_back_with_the_salt_of_its_state(project: Path, run):
    run("stack", "init", "pr-7", "--like", "dev")
    salt = settings(project, "pr-7")["encryptionsalt"]
    (project / "Pulumi.pr-7.yaml").unlink()
    assert run("stack", "init", "pr-7", "--like", "dev", "--port", "9001")[0] == 0
    assert settings(project, "pr-7")["encryptionsalt"] == salt


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["qa", "--like", "nobody"], "there is no Pulumi.nobody.yaml; --like takes dev"),
        (["dev", "--like", "dev"], "Pulumi.dev.yaml is there already"),
        (["qa", "--like", "dev", "--expires", "soon"], '"soon" is no length of time'),
        (["qa", "--like", "dev", "--port", "0"], "there is no port 0; take one from 1 to 65535"),
        (["qa", "--like", "dev", "--port", "65536"], "there is no port 65536"),
        (["qa", "--like", "dev", "--host", "a b"], '"a b" is no host name'),
        (["qa", "--port", "9"], "--port, --host and --expires go with --like"),
        (["q a", "--like", "dev"], "only letters, digits"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_line(project: Path, run, words, message):
    code, said = run("stack", "init", *words)
    assert code == 1
    assert message in said
    assert len(said.splitlines()) == 1
    assert sorted(file.name for file in project.glob("Pulumi.*.yaml")) == ["Pulumi.dev.yaml"]


def test_without_its_passphrase_nothing_is_written(project: Path, run):
    (project / "Pulumi.staging.yaml").write_text("config: {}\n")
    code, said = run("stack", "init", "qa", "--like", "staging")
    assert code == 1
    assert 'the stack "qa" needs its passphrase' in said
    assert not (project / "Pulumi.qa.yaml").exists()


def test_where_the_state_cannot_be_written_no_settings_are(project: Path, run):
    (project / ".state").write_text("in the way")
    code, said = run("stack", "init", "qa", "--like", "dev")
    assert code == 1
    assert "cannot write" in said
    assert len(said.splitlines()) == 1
    assert not (project / "Pulumi.qa.yaml").exists()


def test_two_stacks_are_compared_secrets_too(project: Path, run):
    for stack, port, token in (("one", 1, "hush"), ("two", 2, "hush"), ("three", 1, "other")):
        (project / f"Pulumi.{stack}.yaml").write_text(f"config:\n  webstack:port: {port}\n")
        run("config", "set", "token", token, "--secret", "-s", stack, passphrase="x")
    code, said = run("diff", "one", "two", "--json", passphrase="x")
    assert code == 0
    assert json.loads(said) == [
        {"kind": "setting", "key": "webstack:port", "one": "1", "two": "2"},
        {
            "kind": "setting",
            "key": "webstack:token",
            "one": "[secret]",
            "two": "[secret], the same",
        },
    ]
    assert "[secret], different" in run("diff", "one", "three", passphrase="x")[1]
    assert "not compared" in run("diff", "one", "three")[1]
    assert "hush" not in run("diff", "one", "three", passphrase="x")[1]


def test_how_the_cli_writes_single_values_is_no_difference(project: Path, run):
    """It quotes them all whenever it changes a file."""
    (project / "Pulumi.one.yaml").write_text(
        "config: {webstack:debug: false, webstack:port: 9000}\n"
    )
    (project / "Pulumi.two.yaml").write_text(
        'config: {webstack:debug: "false", webstack:port: "9000"}\n'
    )
    assert run("diff", "one", "two") == (0, "one and two do not differ.\n")
    (project / "Pulumi.one.yaml").unlink()
    assert "on port 9001" in run("stack", "init", "three", "--like", "dev")[1]


def test_a_stack_without_settings_is_named(run):
    assert run("diff", "dev", "nobody") == (
        1,
        "error: there is no Pulumi.nobody.yaml; there are dev\n",
    )
