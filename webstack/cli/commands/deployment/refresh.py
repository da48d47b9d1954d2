"""`refresh`: bring the state to what the machine has."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.terminal.arguments import add_shared, add_stack
from webstack.cli.terminal.prompts import DECLINED, asks, confirmed


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--yes", "--target", "--diff", "--parallel")


def run(options: Namespace) -> int:
    """Bring the state to what the machine has."""
    session = session_setup.announced_with_daemon(options)
    if asks(options) and not confirmed(f"Refresh the state of {session.stack}?"):
        return DECLINED
    return session.runner.refresh(session_setup.run_options(options))
