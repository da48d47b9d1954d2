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
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--plan", type=Path, metavar="FILE", help="only if it is what this plan says")
    what.add_argument(
        "--bundle", type=Path, metavar="FILE", help="from the images of this bundle; build nothing"
    )


def run(options: Namespace) -> int:
    """Bring the machine to what the program declares, and show what serves where."""
    if not options.bundle:
        return update(options)
    # Seldom needed, and every `up` would load it.
    from webstack.cli.bundles import taking

    with taking.as_input(options.bundle, options):
        return update(options)
