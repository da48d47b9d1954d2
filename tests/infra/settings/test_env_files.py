"""Variables of a file are read as dotenv reads them, and count less than the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings.env_files import variables, with_env_files
from infra.settings.sections import SettingsError
from tests.infra.settings.test_sections import SERVICE, read_values


def test_lines_are_read_as_dotenv_knows_them():
    text = "# a note\n\nA=1\nexport B = two words \nC='x # y'\nD=\"\"\nE=a=b\nF=$A\n"
    assert variables(text, "key") == {
        "A": "1",
        "B": "two words",
        "C": "x # y",
        "D": "",
        "E": "a=b",
        "F": "$A",
    }


@pytest.mark.parametrize("line", ["A", "1A=1", "A B=1", "=1", "A=\x1b[2J"])
def test_a_line_that_is_no_variable_is_told_with_its_number(line: str):
    with pytest.raises(SettingsError) as caught:
        variables(f"X=1\n{line}\n", "services.shop.env_file: a.env")
    assert str(caught.value).startswith("services.shop.env_file: a.env: line 2 is no NAME=value")


def settings(**body: object):
    return read_values(services={"shop": {**SERVICE, **body}})


def test_the_settings_themselves_count_more(tmp_path: Path):
    (tmp_path / "a.env").write_text("A=file\nB=file\n")
    whole = with_env_files(settings(env_file="a.env", environment={"A": "set"}), tmp_path)
    assert whole.services["shop"].environment == {"A": "set", "B": "file"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"^webstack:services.shop.env_file: a.env: no such"):
        with_env_files(settings(env_file="a.env"), tmp_path)


def test_what_is_no_text_is_named(tmp_path: Path):
    (tmp_path / "a.env").write_bytes(b"A=\xff")
    with pytest.raises(SettingsError, match=r"services.shop.env_file: a.env: "):
        with_env_files(settings(env_file="a.env"), tmp_path)


def test_variables_of_a_file_are_checked_as_those_of_the_settings(tmp_path: Path):
    (tmp_path / "a.env").write_text("KEY=1\n")
    twice = settings(env_file="a.env", secret_environment={"KEY": {}})
    with pytest.raises(SettingsError, match=r"environment.KEY: it is in secret_environment, too"):
        with_env_files(twice, tmp_path)
