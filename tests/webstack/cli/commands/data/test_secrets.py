"""Secrets are listed without their values, and rotated by their serial."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from webstack.cli import main
from webstack.cli.commands.data.secrets import SecretVariable, variables

SERVICES: dict[str, Any] = {
    "wiki": {"source": "wiki", "path": "/wiki"},
    "shop": {
        "source": "shop",
        "path": "/",
        "secret_environment": {"TOKEN": {"setting": "token"}, "KEY": {"serial": 3}, "SALT": {}},
    },
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: tests\nruntime: python\n")
    settings = {"config": {"webstack:services": SERVICES}}
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump(settings))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_those_of_all_services_are_found():
    assert [*variables(SERVICES)] == [
        SecretVariable("shop", "KEY", 3),
        SecretVariable("shop", "SALT", 1),
        SecretVariable("shop", "TOKEN", 1, "token"),
    ]


def test_the_list_says_where_each_comes_from(project: Path, capsys: pytest.CaptureFixture[str]):
    assert main.main(["secrets", "list", "--engine", "embedded"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [
        ["shop", "KEY", "3"],
        ["shop", "SALT", "1"],
        ["shop", "TOKEN", "1"],
    ]
    assert "the setting token" in lines[3]


def test_a_rotation_raises_the_serial_in_the_settings(
    project: Path, capsys: pytest.CaptureFixture[str]
):
    assert main.main(["secrets", "rotate", "shop", "KEY", "--engine", "embedded"]) == 0
    written = yaml.safe_load((project / "Pulumi.dev.yaml").read_text())["config"]
    assert written["webstack:services"]["shop"]["secret_environment"]["KEY"] == {"serial": 4}
    assert "run `webstack up dev`" in capsys.readouterr().err


def test_an_unknown_one_is_told_with_those_there_are(
    project: Path, capsys: pytest.CaptureFixture[str]
):
    assert main.main(["secrets", "rotate", "shop", "KEYS", "--engine", "embedded"]) == 1
    assert "there are: shop KEY, shop SALT, shop TOKEN" in capsys.readouterr().err
