"""Stacks made like others get a salt, a port and a passphrase of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml


def settings(project: Path, stack: str) -> dict[str, object]:
    return dict(yaml.safe_load((project / f"Pulumi.{stack}.yaml").read_text()))


def test_a_stack_like_dev_has_a_port_a_salt_and_the_public_passphrase(project: Path, webstack):
    code, said = webstack("stack", "init", "pr-7", "--like", "dev", "--expires", "72h")
    assert code == 0, said
    made = settings(project, "pr-7")
    assert made["encryptionsalt"] != settings(project, "dev").get("encryptionsalt")
    assert made["config"]["webstack:port"] == 8081
    assert made["config"]["webstack:environment"] == "dev"
    assert made["config"]["webstack:expires"].endswith("Z")
    assert "Made pr-7 like dev, on port 8081, until 20" in said
    assert webstack("stack", "ls")[1].split() == ["pr-7"]
    assert webstack("stack", "init", "pr-8", "--like", "pr-7")[0] == 0
    assert settings(project, "pr-8")["config"]["webstack:port"] == 8082


def test_secrets_come_along_where_they_can_be_opened(project: Path, webstack):
    (project / "Pulumi.staging.yaml").write_text("config:\n  webstack:port: 8180\n")
    assert (
        webstack("config", "set", "token", "hush", "--secret", "-s", "staging", passphrase="x")[0]
        == 0
    )
    assert webstack("stack", "init", "qa", "--like", "staging", passphrase="x")[0] == 0
    sealed = settings(project, "qa")["config"]["webstack:token"]["secure"]
    assert sealed != settings(project, "staging")["config"]["webstack:token"]["secure"]
    assert webstack("config", "get", "token", "-s", "qa", passphrase="x") == (0, "hush\n")


def test_secrets_that_cannot_be_opened_are_named(project: Path, webstack):
    (project / "Pulumi.staging.yaml").write_text("config:\n  webstack:port: 8180\n")
    webstack("config", "set", "token", "hush", "--secret", "-s", "staging", passphrase="x")
    code, said = webstack("stack", "init", "qa", "--like", "staging", passphrase="another")
    assert code == 0
    assert "webstack config set --secret webstack:token --stack qa" in said
    assert "webstack:token" not in settings(project, "qa")["config"]


def test_a_lost_settings_file_comes_back_with_the_salt_of_its_state(project: Path, webstack):
    webstack("stack", "init", "pr-7", "--like", "dev")
    salt = settings(project, "pr-7")["encryptionsalt"]
    (project / "Pulumi.pr-7.yaml").unlink()
    assert webstack("stack", "init", "pr-7", "--like", "dev", "--port", "9001")[0] == 0
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
def test_what_cannot_be_made_is_said_in_one_line(project: Path, webstack, words, message):
    code, said = webstack("stack", "init", *words)
    assert code == 1
    assert message in said
    assert len(said.splitlines()) == 1
    assert sorted(file.name for file in project.glob("Pulumi.*.yaml")) == ["Pulumi.dev.yaml"]


def test_without_its_passphrase_nothing_is_written(project: Path, webstack):
    (project / "Pulumi.staging.yaml").write_text("config: {}\n")
    code, said = webstack("stack", "init", "qa", "--like", "staging")
    assert code == 1
    assert 'the stack "qa" needs its passphrase' in said
    assert not (project / "Pulumi.qa.yaml").exists()


def test_where_the_state_cannot_be_written_no_settings_are(project: Path, webstack):
    (project / ".state").write_text("in the way")
    code, said = webstack("stack", "init", "qa", "--like", "dev")
    assert code == 1
    assert "cannot write" in said
    assert len(said.splitlines()) == 1
    assert not (project / "Pulumi.qa.yaml").exists()
