"""`restore`: bring the data of a backup, or of a moment, back."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.data.backup_rows import Row, chosen_at, named, of_name
from webstack.cli.deployments import backup_sources, filling, stack_daemon
from webstack.cli.deployments.backups import Backups, at, counted, immediate
from webstack.cli.deployments.data_servers import POSTGRES
from webstack.cli.deployments.file_backups import FileBackups
from webstack.cli.terminal import prompts
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.moments import moment


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    parser.add_argument(
        "id", nargs="?", metavar="ID", help="the backup; the newest of everything unless given"
    )
    parser.add_argument("--only", metavar="NAME", help=f"{POSTGRES}, or the files of one service")
    parser.add_argument(
        "--to", metavar="TIME", help="the state of a moment, such as 2026-12-24T18:00:00Z"
    )
    parser.add_argument(
        "--into",
        metavar="NAME",
        help="into another stack, masked by webstack:postgres.masks",
    )
    add_flag(parser, "--unmasked", text="with --into: although nothing is masked")
    add_flag(parser, "--replace", text="in the place of data that is there")
    add_shared(parser, "--yes")


def run(options: Namespace) -> int:
    """Restore, while what uses the data is down."""
    if options.id and options.to:
        raise OpsError("an ID and --to name two states", "name one of them")
    session = session_setup.session_of(options)
    if options.into:
        return _into(options, session)
    stack_daemon.use_daemon(session)
    wanted = moment(options.to) if options.to else None
    only = options.only or (of_name(options.id) or POSTGRES if options.id else None)
    postgres, files = backup_sources.of(session, only)
    target = named(postgres.known(), options.id) if postgres else None
    rows = [(each, _chosen(each, options.id, wanted)) for each in files]
    _refuse_data(session, options, postgres, files)
    what = f"the state of {options.to}" if options.to else "the backup"
    names = [POSTGRES] if target else []
    names += [each.owner for each in files]
    question = f"Put {what} in the place of {', '.join(names)} of {session.stack}?"
    if prompts.asks(options) and not prompts.confirmed(question):
        return prompts.DECLINED
    if postgres and target:
        words = at(wanted) if wanted else immediate(target)
        told = f"the state of {options.to}" if wanted else f"the backup {target.name}"
        _restore_postgres(session, postgres, words, told)
    for each, row in rows:
        _restore_files(each, row)
    return 0


def _chosen(source: FileBackups, name: str | None, wanted: datetime | None) -> Row:
    known = source.known()
    return named(known, name) if name else chosen_at(known, wanted)


def _refuse_data(
    session: StackSession, options: Namespace, postgres: Backups | None, files: list[FileBackups]
) -> None:
    if options.replace:
        return
    if told := filling.data_there(postgres, files):
        raise OpsError(
            f"{session.stack} has data ({told})",
            "say --replace to put the backup in its place; what was there is kept beside it",
        )


def _restore_postgres(
    session: StackSession, backups: Backups, words: tuple[str, ...], what: str
) -> None:
    aside = backups.restore(*words)
    tables, rows = counted(backups.server)
    _say(f"{session.stack} has {what}: {tables} tables with {rows} rows.")
    _say(f"The data of before is in {aside} until the next restore.")
    # What follows belongs to another history: it needs a backup to be based on.
    made = backups.make("full")
    _say(f"{made.name}: made of it, so that each moment from now on can come back.")


def _restore_files(source: FileBackups, row: Row) -> None:
    if source.count()[0]:
        before = source.make("before")
        _say(f"{before.name}: what {source.owner} had.")
    found, size = source.restore(row)
    _say(f"{source.owner} has the backup {row.name}: {found} files, {size / 2**20:.1f} MiB.")


def _into(options: Namespace, source: StackSession) -> int:
    target = session_setup.session_of(options, stack=options.into)
    if target.stack == source.stack:
        raise OpsError(f"{source.stack} is the stack itself", "leave --into out")
    question = f"Replace the databases of {target.stack} by those of {source.stack}?"
    if options.replace and prompts.asks(options) and not prompts.confirmed(question):
        return prompts.DECLINED
    filling.from_stack(
        source,
        target,
        options.id,
        moment(options.to) if options.to else None,
        replace=options.replace,
        unmasked=options.unmasked,
    )
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
