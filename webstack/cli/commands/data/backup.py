"""`backup`: make, list and prove backups of PostgreSQL."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

import msgspec

from webstack.cli.backends import session_setup
from webstack.cli.daemon.data.pgbackrest import KEPT, Backup, chosen
from webstack.cli.deployments import stack_daemon
from webstack.cli.deployments.backups import Backups
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack_option
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table

HEADINGS = ("ID", "KIND", "COMPLETE", "SIZE", "STORED", "PROVEN", "RESTORED IN")
_VERBS = {
    "now": "make a backup: a full one, or what has changed since",
    "list": "list the backups, and when each was proven",
    "verify": "restore a backup beside the server, start it, and compare what is in it",
}


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(_VERBS))
    for verb, text in _VERBS.items():
        words = verbs.add_parser(verb, help=text, description=text)
        add_stack_option(words)
        if verb == "now":
            add_flag(words, "--incremental", text="only what has changed since the last one")
            add_flag(words, "--unproven", text="do not verify it afterwards")
            words.add_argument(
                "--keep", type=int, metavar="N", help=f"full backups ({KEPT}), without a schedule"
            )
        if verb == "list":
            add_shared(words, "--json")
        if verb == "verify":
            words.add_argument("id", nargs="?", metavar="ID", help="which; the newest unless given")


def run(options: Namespace) -> int:
    """Make, list or prove backups."""
    session = session_setup.session_of(options)
    stack_daemon.use_daemon(session)
    backups = Backups.of(session)
    if options.verb == "list":
        known = backups.known()
        if options.json:
            print(json_text([msgspec.to_builtins(each) for each in known]))
        else:
            print(table(HEADINGS, [_row(each) for each in known]) if known else "no backup yet")
        return 0
    if options.verb == "now":
        made = backups.make("incr" if options.incremental else "full", options.keep)
        print(f"{made.name}: {_mebibytes(made.stored)} stored.", file=sys.stderr, flush=True)
        if not options.unproven:
            _prove(backups, made)
        return 0
    _prove(backups, chosen(backups.known(), options.id))
    return 0


def _prove(backups: Backups, backup: Backup) -> None:
    tables, rows = backups.verify(backup)
    print(f"{backup.name}: proven, {tables} tables with {rows} rows.", file=sys.stderr)


def _row(each: Backup) -> tuple[str, ...]:
    proven = "broken" if each.error else each.verified or "no"
    sizes = (_mebibytes(each.size), _mebibytes(each.stored))
    restored = "" if each.seconds is None else f"{each.seconds} s"
    return (each.name, each.kind, each.time, *sizes, proven, restored)


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
