"""`backup`: make, list, prove and copy backups of all that the stack keeps."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

import msgspec

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.data.backup_rows import Row, named, of_name
from webstack.cli.daemon.data.pgbackrest import KEPT
from webstack.cli.deployments import backup_copies, backup_sources, stack_copies, stack_daemon
from webstack.cli.deployments.data_servers import POSTGRES
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table

HEADINGS = ("OF", "ID", "KIND", "COMPLETE", "SIZE", "STORED", "PROVEN", "RESTORED IN")
_VERBS = {
    "now": "make backups: whole ones, or what has changed since",
    "list": "list the backups, and when each was proven",
    "verify": "restore a backup beside what is there, and compare what is in it",
    "copy": "copy all backups into a folder, from which a new machine can start",
}


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(_VERBS))
    for verb, text in _VERBS.items():
        words = verbs.add_parser(verb, help=text, description=text)
        add_stack_option(words)
        if verb in ("now", "list"):
            words.add_argument("--only", metavar="NAME", help=f"of {POSTGRES}, or of one service")
        if verb == "now":
            add_flag(words, "--incremental", text="of PostgreSQL only what has changed")
            add_flag(words, "--unproven", text="do not verify it afterwards")
            words.add_argument(
                "--keep", type=int, metavar="N", help=f"full backups ({KEPT}), without a schedule"
            )
        if verb == "list":
            add_shared(words, "--json")
        if verb == "verify":
            words.add_argument("id", nargs="?", metavar="ID", help="which; the newest unless given")
        if verb == "copy":
            words.add_argument("folder", type=Path, metavar="FOLDER")


def run(options: Namespace) -> int:
    """Make, list, prove or copy backups."""
    session = session_setup.session_of(options)
    stack_daemon.use_daemon(session)
    if options.verb == "list":
        _list(options, [*_rows(session, options.only)])
    elif options.verb == "now":
        _make(options, session)
    elif options.verb == "copy":
        backup_copies.copied(session, options.folder)
    else:
        _verify(options.id, session)
    return 0


def _make(options: Namespace, session: StackSession) -> None:
    postgres, files = backup_sources.of(session, options.only)
    if options.keep and not postgres:
        raise OpsError("--keep is for PostgreSQL", "webstack:backups.keep is for files")
    if postgres:
        made = postgres.make("incr" if options.incremental else "full", options.keep)
        _say(f"{made.name}: {_mebibytes(made.stored)} stored.")
        if not options.unproven:
            _say(f"{made.name}: proven, {_of_tables(postgres.verify(made))}.")
    for each in files:
        row = each.make("now")
        _say(f"{row.name}: {_mebibytes(row.stored)} stored.")
        if not options.unproven:
            _say(f"{row.name}: proven, {_of_files(each.verify(row))}.")
    stack_copies.put(session)


def _verify(name: str | None, session: StackSession) -> None:
    owner = of_name(name) if name else None
    postgres, files = backup_sources.of(session, None if name is None else owner or POSTGRES)
    if postgres:
        backup = named(postgres.known(), name)
        _say(f"{backup.name}: proven, {_of_tables(postgres.verify(backup))}.")
    for each in files:
        row = named(each.known(), name)
        _say(f"{row.name}: proven, {_of_files(each.verify(row))}.")


def _rows(session: StackSession, only: str | None) -> Iterator[Row]:
    postgres, files = backup_sources.of(session, only)
    if postgres:
        yield from (each.row for each in postgres.known())
    for source in files:
        yield from source.known()


def _list(options: Namespace, rows: list[Row]) -> None:
    if options.json:
        print(json_text([msgspec.to_builtins(each) for each in rows]))
    else:
        print(table(HEADINGS, [_row(each) for each in rows]) if rows else "no backup yet")


def _of_tables(proof: tuple[int, int]) -> str:
    return f"{proof[0]} tables with {proof[1]} rows"


def _of_files(proof: tuple[int, int]) -> str:
    return f"{proof[0]} files, {proof[1]} rows in databases of SQLite"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _row(each: Row) -> tuple[str, ...]:
    proven = "broken" if each.error else each.verified or "no"
    sizes = (_mebibytes(each.size), _mebibytes(each.stored))
    restored = "" if each.seconds is None else f"{each.seconds} s"
    return (each.of, each.name, each.kind, each.time, *sizes, proven, restored)


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
