"""`run`: run a command in a new container of a service, gone afterwards."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.deployments import released
from webstack.cli.terminal.target_words import add_target, said


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_target(parser)


def run(options: Namespace) -> int:
    """Run a command as the release in force would; gives its exit code."""
    told = said(options.words)
    session = session_setup.session_of(options, stack=told.options.get("stack"))
    role = told.options.get("role", options.role)
    found = released.part(released.of_session(session), session.stack, told.service, role)
    return released.run_beside(session, found, told.command)
