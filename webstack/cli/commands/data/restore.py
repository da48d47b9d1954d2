"""`restore`: bring the data of a backup, or of a moment, back into PostgreSQL."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime, timezone

from webstack.cli.backends import session_setup
from webstack.cli.daemon.data.pgbackrest import chosen
from webstack.cli.deployments import stack_daemon
from webstack.cli.deployments.backups import Backups, at, counted, immediate
from webstack.cli.terminal import prompts
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack_option
from webstack.cli.terminal.errors import OpsError


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    parser.add_argument("id", nargs="?", metavar="ID", help="the backup; the newest unless given")
    parser.add_argument(
        "--to", metavar="TIME", help="the state of a moment, such as 2026-12-24T18:00:00Z"
    )
    add_flag(parser, "--replace", text="in the place of data that is there")
    add_shared(parser, "--yes")


def run(options: Namespace) -> int:
    """Restore into the server, which is down meanwhile."""
    if options.id and options.to:
        raise OpsError("an ID and --to name two states", "name one of them")
    session = session_setup.session_of(options)
    stack_daemon.use_daemon(session)
    backups = Backups.of(session)
    backup = chosen(backups.known(), options.id)
    target = at(moment(options.to)) if options.to else immediate(backup)
    tables, rows = counted(backups.server)
    if tables and not options.replace:
        raise OpsError(
            f"{session.stack} has data ({tables} tables with {rows} rows)",
            "say --replace to put the backup in its place; what was there is kept beside it",
        )
    what = f"the state of {options.to}" if options.to else f"the backup {backup.name}"
    question = f"Put {what} in the place of the data of {session.stack}?"
    if prompts.asks(options) and not prompts.confirmed(question):
        return prompts.DECLINED
    aside = backups.restore(*target)
    tables, rows = counted(backups.server)
    print(f"{session.stack} has {what}: {tables} tables with {rows} rows.", file=sys.stderr)
    print(f"The data of before is in {aside} until the next restore.", file=sys.stderr)
    # What follows belongs to another history: it needs a backup to be based on.
    made = backups.make("full")
    print(
        f"{made.name}: made of it, so that each moment from now on can come back.", file=sys.stderr
    )
    return 0


def moment(text: str) -> datetime:
    """Read a moment; raises OpsError for what is none, or has no zone."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise OpsError(f"{text} is no moment", "write one such as 2026-12-24T18:00:00Z")
    return found.astimezone(timezone.utc)
