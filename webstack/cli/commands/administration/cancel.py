"""`cancel`: remove the lock that an ended run has left."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.terminal.arguments import add_stack


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)


def run(options: Namespace) -> int:
    """Remove the locks that an ended run left."""
    session = session_setup.announced(options, ahead=False)
    session.runner.cancel()
    print(f"No lock is left on {session.stack}.")
    return 0
