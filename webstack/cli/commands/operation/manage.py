"""`manage`: run Django's manage.py in a new container of its service."""

from __future__ import annotations

import argparse

from webstack.cli.backends import session_setup
from webstack.cli.deployments import released
from webstack.cli.terminal.arguments import add_stack_option

_PYTHON = 'command -v python >/dev/null && exec python "$@" || exec python3 "$@"'


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    parser.add_argument("--service", metavar="NAME", help="the service, where several fit")
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="COMMAND …", help="what manage.py is told"
    )


def run(options: argparse.Namespace) -> int:
    """Run manage.py as the release in force would; gives its exit code."""
    session = session_setup.session_of(options)
    found = released.only_with(session, options.service, "test", "-e", "manage.py")
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    return released.run_beside(session, found, ["sh", "-c", _PYTHON, "sh", "manage.py", *words])
