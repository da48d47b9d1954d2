"""Copies databases of a backup into another stack, without what the rules hide.

It is a copy of rows: what was masked is in no page of the new database, as it would be in files.
"""

from __future__ import annotations

import io
import os
import secrets
import sys
import threading
from collections.abc import Mapping, Sequence

from webstack.cli.deployments.data_servers import DataServer, databases
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text
from webstack.contract.masks import MaskError, statements

_MOST_NAMED = 8
_PSQL = ("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d")
_DUMP = ("pg_dump", "-Fc", "--no-owner", "--no-privileges", "--exclude-extension=*", "-d")
_LOAD = ("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
_TABLES = """SELECT count(*) FROM pg_tables
 WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
_EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"
_TEXTS = """SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END
       || table_name || '.' || column_name
  FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
 WHERE table_type = 'BASE TABLE' AND data_type IN ('text', 'character varying', 'json', 'jsonb')
   AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""
_ANEW = r"""
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', :'name') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
"""


def copied(
    restored: DataServer,
    target: DataServer,
    masks: Mapping[str, Mapping[str, str]],
    *,
    replace: bool,
) -> list[str]:
    """Copy each database that both have, masked; gives their names. Raises OpsError.

    Databases of the target that have tables are refused, unless they are to be replaced. Nothing
    is copied before all are masked.
    """
    there = databases(target)
    names = [name for name in databases(restored) if name in there]
    if not names:
        raise OpsError(
            f"{target.stack} has no database that the backup has",
            f"it has {', '.join(there) or 'none'}",
        )
    if not replace:
        refuse_full(target, names)
    for name in names:
        _mask(restored, name, masks.get(name) or {})
    for name in names:
        _copy(restored, target, name)
    return names


def refuse_full(target: DataServer, names: Sequence[str]) -> None:
    """Raise OpsError where one of the databases has tables."""
    full = [name for name in names if int(target.read(*_PSQL, name, "-c", _TABLES))]
    if full:
        raise OpsError(
            f"{target.stack} has data in {', '.join(full)}", "say --replace to have it replaced"
        )


def unmasked(restored: DataServer, name: str, rules: Mapping[str, str]) -> list[str]:
    """Name the columns with text that no rule is for."""
    return [
        place
        for place in restored.read(*_PSQL, name, "-c", _TEXTS).splitlines()
        if place not in rules and place.rpartition(".")[0] not in rules
    ]


def _mask(restored: DataServer, name: str, rules: Mapping[str, str]) -> None:
    try:
        said = list(statements(rules, secrets.token_hex(16)))
    except MaskError as error:
        raise OpsError(f"webstack:postgres.masks.{name}: {error}") from None
    # Rows are changed unseen by triggers, and deleted in sight of what points to them.
    deleting = [each for each in said if each.startswith("DELETE")]
    changing = [each for each in said if each not in deleting]
    every = (*deleting, "SET session_replication_role = replica", *changing)
    script = "\n".join(f"{each};" for each in every)
    try:
        restored.read(*_PSQL, name, stdin=f"BEGIN;\n{script}\nCOMMIT;\n".encode())
    except OpsError as error:
        raise OpsError(
            f"webstack:postgres.masks.{name}: a rule cannot be followed, so nothing is copied: "
            f"{plain_text.line(str(error))}"
        ) from None
    if left := unmasked(restored, name, rules):
        more = f" and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
        told = ", ".join(left[:_MOST_NAMED])
        print(plain_text.line(f"{name}: no rule is for {told}{more}."), file=sys.stderr, flush=True)


def _copy(restored: DataServer, target: DataServer, name: str) -> None:
    target.read(*_PSQL, "postgres", "-v", f"name={name}", stdin=_ANEW.encode())
    for extension in restored.read(*_PSQL, name, "-c", _EXTENSIONS).splitlines():
        made = b'CREATE EXTENSION IF NOT EXISTS :"extension"\n'
        target.read(*_PSQL, name, "-v", f"extension={extension}", stdin=made)
    code, said = _piped(restored, (*_DUMP, name), target, (*_LOAD, f"--role={name}", "-d", name))
    if code:
        raise OpsError(f"{name} could not be copied: {plain_text.line(said)[-300:]}")


def _piped(
    source: DataServer, giving: Sequence[str], target: DataServer, taking: Sequence[str]
) -> tuple[int, str]:
    """Run two commands, the second of which reads what the first one prints."""
    reading, writing = os.pipe()
    codes: list[int] = []
    said = io.BytesIO()

    def give() -> None:
        with os.fdopen(writing, "wb") as out:
            codes.append(source.stream(giving, None, out, said))

    giver = threading.Thread(target=give, daemon=True)
    giver.start()
    with os.fdopen(reading, "rb") as given:
        taken = target.stream(taking, given, io.BytesIO(), said)
    giver.join()
    return taken or (codes or [1])[0], said.getvalue().decode(errors="replace")
