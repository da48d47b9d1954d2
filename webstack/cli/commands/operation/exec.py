"""`exec`: run a command in a container of a service that runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.deployments import released
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.target_words import add_target, said


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_target(parser, replica=True)


def run(options: Namespace) -> int:
    """Run a command in a container of the release in force; gives its exit code."""
    told = said(options.words)
    session = session_setup.session_of(options, stack=told.options.get("stack"))
    role = told.options.get("role", options.role)
    found = released.part(released.of_session(session), session.stack, told.service, role)
    number = told.options.get("replica", str(options.replica))
    if not number.isdecimal():
        raise OpsError(f"--replica {number} is no number", "name one from 0")
    return released.run_inside(session, found, int(number), told.command)
