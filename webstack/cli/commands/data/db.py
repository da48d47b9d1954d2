"""`db`: copy a service's database out, or in."""

from __future__ import annotations

import contextlib
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from webstack.cli.backends import session_setup
from webstack.cli.deployments import data_servers
from webstack.cli.terminal.arguments import add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.engine.storage.privacy import PRIVATE

_VERBS = {
    "dump": "write a database to the standard output, or to --file",
    "load": "read one that `dump` wrote into an empty database",
}
_TABLES = """SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"""


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(_VERBS))
    for verb, text in _VERBS.items():
        words = verbs.add_parser(verb, help=text, description=text)
        add_stack_option(words)
        words.add_argument(
            "database", nargs="?", metavar="SERVICE", help="the service whose database it is"
        )
        words.add_argument("--file", "-f", type=Path, help="in place of the standard streams")


def run(options: Namespace) -> int:
    """Copy a database out or in."""
    postgres = data_servers.server(session_setup.session_of(options), data_servers.POSTGRES)
    database = data_servers.chosen(postgres, options.database)
    return (_dump if options.verb == "dump" else _load)(postgres, database, options.file)


def _dump(postgres: data_servers.DataServer, database: str, file: Path | None) -> int:
    """Extensions are left out: they are made with the database."""
    command = ["pg_dump", "-d", database, "-Fc", "--no-owner", "--no-privileges"]
    with _target(file) as target:
        code = postgres.stream([*command, "--exclude-extension=*"], None, target)
    if code:
        raise OpsError(f"{database} could not be copied (exit code {code})")
    return 0


def _load(postgres: data_servers.DataServer, database: str, file: Path | None) -> int:
    there = int(postgres.read("psql", "-XqAt", "-d", database, "-c", _TABLES))
    if there:
        raise OpsError(
            f"the database {database} of {postgres.stack} is not empty ({there} tables, views and "
            "sequences)",
            f"drop what is in it by `webstack psql -d {database}` if that is meant",
        )
    command = ["pg_restore", "-d", database, f"--role={database}", "--no-owner"]
    with _source(file) as source:
        code = postgres.stream(
            [*command, "--no-privileges", "--single-transaction", "--exit-on-error"],
            source,
            sys.stdout.buffer,
        )
    if code:
        raise OpsError(f"nothing was read into {database} (exit code {code})")
    print(f"{database} of {postgres.stack} has what was copied.", file=sys.stderr)
    return 0


@contextlib.contextmanager
def _target(file: Path | None) -> Iterator[IO[bytes]]:
    """Open what is written to; a file is for the user alone, and whole or not there."""
    if file is None:
        if sys.stdout.isatty():
            raise OpsError("a copy is no text for a terminal", "name a file: --file shop.dump")
        yield sys.stdout.buffer
        return
    part = file.with_name(f"{file.name}.part")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(part, flags, PRIVATE.file), "wb") as target:
            yield target
        part.replace(file)
    except OSError as error:
        raise OpsError(f"cannot write {file}: {error.strerror}", "name another") from error
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def _source(file: Path | None) -> Iterator[IO[bytes]]:
    if file is None:
        yield sys.stdin.buffer
        return
    try:
        with file.open("rb") as source:
            yield source
    except OSError as error:
        raise OpsError(f"cannot read {file}: {error.strerror}", "name another") from error
