"""`up`: bring the machine to what the program declares."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from webstack.cli.deployments.update import update
from webstack.cli.terminal.arguments import add_shared, add_stack, add_update_options


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_update_options(parser)
    add_shared(parser, "--yes", "--parallel")
    parser.add_argument(
        "--plan", type=Path, metavar="FILE", help="only if it is what this plan says"
    )


def run(options: Namespace) -> int:
    """Bring the machine to what the program declares, and show what serves where."""
    return update(options)
