"""`valkey`: talk to the cache, or to the queue."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.daemon.data.tasks import BROKER, SOCKET
from webstack.cli.deployments import data_servers
from webstack.cli.terminal.arguments import add_flag, add_stack


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_flag(parser, "--broker", text="the queue (valkey-broker), not the cache")


def run(options: Namespace) -> int:
    """Run valkey-cli in the server; without a terminal it reads what it is to run."""
    role = BROKER if options.broker else data_servers.VALKEY
    valkey = data_servers.server(session_setup.session_of(options), role)
    return valkey.console(["valkey-cli", "-s", SOCKET])
