"""Words and options that several commands share; needs no package of others."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from webstack.contract import plain_text

STACK_HELP = "the stack; PULUMI_STACK, or dev, unless given"
ENGINES = ("pulumi", "embedded", "auto")

_FLAGS = {
    "--yes": ("-y", "do not ask before changing something"),
    "--json": ("-j", "print JSON"),
    "--refresh": ("-r", "look at the machine first"),
    "--diff": ("", "show every property that changes"),
    "--target-dependents": ("", "and what depends on the --target"),
    "--expect-no-changes": ("", "fail (exit code 7) if something would change"),
    "--adopt": ("", "take volumes that another state has made, with their data"),
    "--allow-data-loss": ("", "let data volumes go that are no longer declared"),
}
_VALUES: dict[str, tuple[str, dict[str, Any]]] = {
    "--target": (
        "-t",
        {"action": "append", "default": [], "metavar": "URN", "help": "only this resource"},
    ),
    "--replace": (
        "",
        {"action": "append", "default": [], "metavar": "URN", "help": "make this one anew"},
    ),
    "--parallel": ("-p", {"type": int, "metavar": "N", "help": "steps at once"}),
}


def add_shared(parser: argparse._ActionsContainer, *names: str) -> None:
    """Add options by the names that every command knows them by; raises KeyError for another."""
    for name in names:
        if name in _FLAGS:
            short, text = _FLAGS[name]
            add_flag(parser, *filter(None, (name, short)), text=text)
        else:
            short, how = _VALUES[name]
            parser.add_argument(*filter(None, (name, short)), **how)


def add_flag(parser: argparse._ActionsContainer, *names: str, text: str) -> None:
    """Add an option that is said or not."""
    parser.add_argument(*names, action="store_true", help=text)


def number(least: int, most: int, of: str = "") -> Callable[[str], int]:
    """Give what reads a whole number within bounds; ``of`` says what is counted."""

    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
            shown = plain_text.line(text)[:40]
            raise argparse.ArgumentTypeError(f"{shown} is no number {of}from {least} to {most}")
        return int(text)

    return read


def add_update_options(parser: argparse.ArgumentParser) -> None:
    """Add what `up` can be told, and so can whatever shows or does the same."""
    add_shared(
        parser,
        *("--target", "--target-dependents", "--replace", "--diff", "--refresh"),
        *("--expect-no-changes", "--adopt", "--allow-data-loss"),
    )


def add_stack(parser: argparse.ArgumentParser) -> None:
    """Add the stack, as a word or as an option, and what every command has."""
    add_project(parser)
    parser.add_argument("stack_word", nargs="?", metavar="STACK", help=STACK_HELP)
    parser.add_argument("--stack", "-s", dest="stack", help=argparse.SUPPRESS)


def add_stack_option(parser: argparse.ArgumentParser) -> None:
    """Add the stack as an option, where words mean something else, and what every command has."""
    add_project(parser)
    parser.add_argument("--stack", "-s", dest="stack", help=STACK_HELP)


def add_project(parser: argparse.ArgumentParser) -> None:
    """Add what every command has: which engine runs the program, and where the project is."""
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        help="what runs the program; auto takes the Pulumi CLI where it is installed",
    )
    parser.add_argument("--cwd", "-C", type=Path, metavar="DIR", help="the project's folder")
