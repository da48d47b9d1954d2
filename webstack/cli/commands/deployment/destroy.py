"""`destroy`: take away all that the stack made; its data only when that is said."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from webstack.cli.backends import session_setup
from webstack.cli.deployments import removal
from webstack.cli.plans.dry_run import protected, refuse_data_loss, unwritten
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--yes", "--target", "--target-dependents", "--diff", "--parallel")
    add_shared(parser, "--allow-data-loss")
    add_flag(parser, "--exclude-protected", text="leave what is protected")


def run(options: Namespace) -> int:
    """Take away all that the stack made; raises OpsError where data would go unasked."""
    session = session_setup.announced_with_daemon(options)
    empty: Sequence[str] = ()
    if not options.exclude_protected and not options.target:
        kept = protected(session)
        empty = unwritten(session, kept)
        way_out = "leave it with --exclude-protected"
        refuse_data_loss(sorted({*kept} - {*empty}), options, way_out)
    chosen = session_setup.run_options(options)
    return removal.remove(session, options, chosen, data=options.allow_data_loss, unwritten=empty)
