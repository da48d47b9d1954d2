"""`down`: take the stack away, and its data only when that is asked."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.deployments import removal, stack_daemon
from webstack.cli.terminal import summary
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--yes", "--parallel")
    add_flag(parser, "--data", text="take the data volumes away too")


def run(options: Namespace) -> int:
    """Take the stack away, and say what is left of it."""
    session = session_setup.announced_with_daemon(options)
    chosen = OperationOptions(exclude_protected=True, parallel=options.parallel)
    code = removal.remove(session, options, chosen, data=options.data)
    if code == 0:
        print(summary.of_down(session.stack, stack_daemon.leftovers(session)), flush=True)
    return code
