"""`up`: bring the machine to what the program declares."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from webstack.cli.deployments.update import update
from webstack.cli.terminal.arguments import add_shared, add_stack, add_update_options
from webstack.cli.terminal.errors import OpsError

BUCKET = "bucket"
"""The word for the bucket that the settings name."""


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
    data = parser.add_mutually_exclusive_group()
    data.add_argument(
        "--from-backup",
        metavar="PLACE",
        help=f"a new machine: first all data, from `{BUCKET}` or from a folder with the backups",
    )
    data.add_argument(
        "--data-from",
        metavar="STACK",
        help="a new stack: first a masked copy of what this one has backed up",
    )
    parser.add_argument(
        "--to", metavar="TIME", help="with either: the state of a moment (2026-12-24T18:00:00Z)"
    )


def run(options: Namespace) -> int:
    """Bring the machine to what the program declares, and show what serves where."""
    if options.from_backup or options.data_from:
        _fill(options)
    elif options.to:
        raise OpsError("--to goes with --from-backup or --data-from", "add one of them")
    if not options.bundle:
        return update(options)
    # Seldom needed, and every `up` would load it.
    from webstack.cli.bundles import taking

    with taking.as_input(options.bundle, options):
        return update(options)


def _fill(options: Namespace) -> None:
    # Few updates need it.
    from webstack.cli.deployments import filling
    from webstack.cli.terminal.moments import moment

    if options.plan or options.bundle:
        raise OpsError(
            "a plan, or a bundle, is for a stack that has its data",
            "run `webstack restore` after it, or leave --plan and --bundle out",
        )
    at = moment(options.to) if options.to else None
    if options.data_from:
        filling.new_stack(options, str(options.data_from), at)
        return
    place = str(options.from_backup)
    filling.from_backup(options, None if place == BUCKET else Path(place), at)
