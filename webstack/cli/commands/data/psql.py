"""`psql`: talk to PostgreSQL, as a service or as its superuser."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.deployments import data_servers
from webstack.cli.terminal.arguments import add_flag, add_stack


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    parser.add_argument(
        "--database", "-d", metavar="SERVICE", help="the service whose database it is"
    )
    parser.add_argument("--command", "-c", dest="sql", metavar="SQL", help="run this, and end")
    add_flag(parser, "--superuser", text="not as the service, but with all rights")


def run(options: Namespace) -> int:
    """Run psql in the server; without a terminal it reads what it is to run."""
    postgres = data_servers.server(session_setup.session_of(options), data_servers.POSTGRES)
    database = data_servers.chosen(postgres, options.database)
    user = "postgres" if options.superuser else database
    command = ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database]
    if options.sql is None:
        return postgres.console(command)
    return postgres.stream([*command, "-c", options.sql], None, sys.stdout.buffer)
