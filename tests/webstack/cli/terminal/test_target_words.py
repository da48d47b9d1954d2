"""The words of a command that is passed on are told from ours before them."""

from __future__ import annotations

import pytest

from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.target_words import said


@pytest.mark.parametrize(
    ("words", "options", "command"),
    [
        (["shop", "--", "ls", "-l"], {}, ["ls", "-l"]),
        (["shop", "ls", "-l", "--role", "x"], {}, ["ls", "-l", "--role", "x"]),
        (["shop", "--role", "worker", "--", "ls"], {"role": "worker"}, ["ls"]),
        (["shop", "--role=worker", "-s", "qa", "ls"], {"role": "worker", "stack": "qa"}, ["ls"]),
        (["--", "shop", "--", "--", "x"], {}, ["--", "x"]),
    ],
)
def test_what_is_whose(words: list[str], options: dict[str, str], command: list[str]):
    told = said(words)
    assert (told.service, told.options, told.command) == ("shop", options, command)


@pytest.mark.parametrize("words", [[], ["--"], ["-x"], ["shop"], ["shop", "--role"]])
def test_what_is_missing_is_told(words: list[str]):
    with pytest.raises(OpsError):
        said(words)


def test_a_shell_needs_no_command():
    assert said(["shop"], required=False).command == []
