"""Words of commands that are passed on to another program: what is whose."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from webstack.cli.terminal.arguments import add_stack_option
from webstack.cli.terminal.errors import OpsError

_OPTIONS = {"--role": "role", "--replica": "replica", "--stack": "stack", "-s": "stack"}


class Said(NamedTuple):
    """Holds a service, options that came after its name, and the command to run."""

    service: str
    options: dict[str, str]
    command: list[str]


def add_target(parser: argparse.ArgumentParser, *, replica: bool = False) -> None:
    """Add the service, one of its roles, and the words of a command."""
    add_stack_option(parser)
    parser.add_argument("--role", metavar="ROLE", help="the role of the service that is meant")
    if replica:
        parser.add_argument(
            "--replica", type=int, default=0, metavar="N", help="which of its containers (0)"
        )
    parser.add_argument(
        "words",
        nargs=argparse.REMAINDER,
        metavar="SERVICE [-- COMMAND …]",
        help="the service, and the command with its own options",
    )


def said(words: Sequence[str], *, required: bool = True) -> Said:
    """Tell the service from the command; raises OpsError where one of them is missing.

    Our own options may stand between them. What follows `--`, or the first other word, is the
    command's.
    """
    left = list(words)
    if left[:1] == ["--"]:
        left = left[1:]
    if not left or left[0].startswith("-"):
        raise OpsError("no service is named", "say which: webstack run SERVICE -- COMMAND")
    service, options = left.pop(0), {}
    while left and (name := left[0].partition("=")[0]) in _OPTIONS:
        word = left.pop(0)
        _, equals, value = word.partition("=")
        if not equals and not left:
            raise OpsError(f"{name} has no value", f"name one: {name} VALUE")
        options[_OPTIONS[name]] = value if equals else left.pop(0)
    command = left[1:] if left[:1] == ["--"] else left
    if required and not command:
        raise OpsError("no command is given", f"say what to run: webstack run {service} -- COMMAND")
    return Said(service, options, command)
