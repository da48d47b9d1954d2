"""`shell`: open a shell in a new container of a service, gone afterwards."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.deployments import released
from webstack.cli.terminal.target_words import add_target, said

_SHELL = ("sh", "-c", "command -v bash >/dev/null && exec bash || exec sh")


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_target(parser)


def run(options: Namespace) -> int:
    """Open a shell with the environment, secrets and volumes of the release in force."""
    told = said(options.words, required=False)
    session = session_setup.session_of(options, stack=told.options.get("stack"))
    role = told.options.get("role", options.role)
    found = released.part(released.of_session(session), session.stack, told.service, role)
    return released.run_beside(session, found, told.command or _SHELL)
