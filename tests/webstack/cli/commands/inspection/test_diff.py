"""The settings of two stacks are compared."""

from __future__ import annotations

import json
from pathlib import Path

OURS, THEIRS = "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"


def test_two_stacks_are_compared_secrets_too(project: Path, webstack):
    for stack, port, token in (("one", 1, "hush"), ("two", 2, "hush"), ("three", 1, "other")):
        (project / f"Pulumi.{stack}.yaml").write_text(f"config:\n  webstack:port: {port}\n")
        webstack("config", "set", "token", token, "--secret", "-s", stack, passphrase="x")
    code, said = webstack("diff", "one", "two", "--json", passphrase="x")
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
    assert "[secret], different" in webstack("diff", "one", "three", passphrase="x")[1]
    assert "not compared" in webstack("diff", "one", "three")[1]
    assert "hush" not in webstack("diff", "one", "three", passphrase="x")[1]


def test_how_the_cli_writes_single_values_is_no_difference(project: Path, webstack):
    """The CLI quotes all values whenever it changes a file."""
    (project / "Pulumi.one.yaml").write_text(
        "config: {webstack:debug: false, webstack:port: 9000}\n"
    )
    (project / "Pulumi.two.yaml").write_text(
        'config: {webstack:debug: "false", webstack:port: "9000"}\n'
    )
    assert webstack("diff", "one", "two") == (0, "one and two do not differ.\n")
    (project / "Pulumi.one.yaml").unlink()
    assert "on port 9001" in webstack("stack", "init", "three", "--like", "dev")[1]


def test_a_stack_without_settings_is_named(webstack):
    assert webstack("diff", "dev", "nobody") == (
        1,
        "error: there is no Pulumi.nobody.yaml; there are dev\n",
    )
