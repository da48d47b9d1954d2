"""Fills the data servers of a new stack before anything else of it runs."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

import msgspec

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.daemon.data import stack_copy
from webstack.cli.daemon.data.backup_rows import chosen_at, named, newest_proven
from webstack.cli.daemon.data.pgbackrest import Backup
from webstack.cli.deployments import (
    backup_copies,
    data_servers,
    file_backups,
    masked_copy,
    stack_copies,
    stack_daemon,
)
from webstack.cli.deployments.backups import Backups, at, counted, immediate, latest
from webstack.cli.deployments.data_servers import POSTGRES
from webstack.cli.deployments.file_backups import FileBackups
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text
from webstack.contract.variables import DATA_FIRST


def from_backup(options: Namespace, folder: Path | None, moment: datetime | None) -> None:
    """Make a stack's servers from its backup, on a machine that has nothing of it.

    Its own secrets come back first: the key of the backups is one of them. Raises OpsError, also
    where the stack has a release or data already.
    """
    session = session_setup.announced_with_daemon(options)
    session.runner.ensure_stack()
    _refuse_release(session)
    copy = stack_copies.find(session, folder)
    state = StackState(session.records.export())
    if not state.types():
        session.records.import_(stack_copy.secrets_alone(copy.state))
    servers_alone(session, options)
    there = {each.name: each for each in backup_copies.sources(session)}
    files = file_backups.all_of(session)
    if told := data_there(Backups.of(session) if POSTGRES in there else None, files):
        raise OpsError(
            f"{session.stack} has data ({told})",
            "`webstack up` goes on with it; `webstack restore --replace` puts a backup there",
        )
    if folder:
        for source in there.values():
            backup_copies.handed_over(source, folder)
    if POSTGRES in there:
        _databases(session, Backups.of(session), moment)
    for each in files:
        row = chosen_at(each.known(), moment)
        found, _ = each.restore(row)
        print(f"{each.owner} has the backup {row.name}: {found} files.", file=sys.stderr)


def data_there(backups: Backups | None, files: Sequence[FileBackups]) -> str:
    """Tell what data there is, in words; empty where there is none."""
    tables, rows = counted(backups.server) if backups else (0, 0)
    told = [f"{tables} tables with {rows} rows"] if tables else []
    told += [f"{found} files of {each.owner}" for each in files if (found := each.count()[0])]
    return ", ".join(told)


def _databases(session: StackSession, backups: Backups, moment: datetime | None) -> None:
    backups.know()
    backup, aside = _brought_back(backups, moment)
    backups.server.read("rm", "-rf", aside)
    tables, rows = counted(backups.server)
    told = f"{_what(backup, moment)}{'' if moment else ' and what was kept since'}"
    print(f"{session.stack} has {told}: {tables} tables with {rows} rows.", file=sys.stderr)
    # What follows belongs to another history: it needs a backup to be based on.
    backups.make("full")


def from_stack(
    source: StackSession,
    target: StackSession,
    name: str | None,
    moment: datetime | None,
    *,
    replace: bool,
    unmasked: bool,
) -> None:
    """Copy the databases of a stack's backup into another stack, masked; raises OpsError.

    ``name`` is the backup's, the newest proven one unless it is given.
    """
    masks = masks_of(source)
    if not masks and not unmasked:
        raise OpsError(
            f"webstack:postgres.masks of {source.stack} hide nothing, and {target.stack} would "
            "have all that is personal",
            "name there what is to be hidden, or say --unmasked",
        )
    stack_daemon.use_daemon(target)
    taking = data_servers.server(target, data_servers.POSTGRES)
    stack_daemon.use_daemon(source)
    backups = Backups.of(source)
    known = backups.known()
    backup = named(known, name) if name else newest_proven(known)
    if not replace:
        masked_copy.refuse_full(taking, data_servers.databases(taking))
    with backups.restored(*(at(moment) if moment else immediate(backup))) as restored:
        names = masked_copy.copied(restored, taking, masks, replace=replace)
    told = f"{target.stack} has {', '.join(names)} of {_what(backup, moment)} of {source.stack}"
    print(f"{told}{', masked' if masks else ''}.", file=sys.stderr, flush=True)


def masks_of(session: StackSession) -> dict[str, dict[str, str]]:
    """Give the rules of a stack, by service; raises OpsError where they are none."""
    said = (stack_copies.section(session).get("masks")) or {}
    try:
        return msgspec.convert(said, dict[str, dict[str, str]])
    except msgspec.ValidationError as error:
        raise OpsError(f"webstack:postgres.masks: {error}", "see docs/data.md") from None


def new_stack(options: Namespace, source: str, moment: datetime | None) -> None:
    """Make the servers of a new stack, and fill them with a masked copy of another's backup.

    A stack that has a release, or data, keeps what it has: the same command may run again.
    """
    target = session_setup.announced_with_daemon(options)
    target.runner.ensure_stack()
    if StackState(target.records.export()).releases():
        print(f"{target.stack} keeps the data that it has.", file=sys.stderr, flush=True)
        return
    servers_alone(target, options)
    taking = data_servers.server(target, data_servers.POSTGRES)
    if counted(taking)[0]:
        print(f"{target.stack} keeps the data that it has.", file=sys.stderr, flush=True)
        return
    giving = session_setup.session_of(options, stack=source)
    from_stack(giving, target, None, moment, replace=False, unmasked=False)
    stack_daemon.use_daemon(target)


def servers_alone(session: StackSession, options: Namespace) -> None:
    """Bring up the servers that keep data, and nothing that uses them; raises OpsError."""
    chosen = OperationOptions(adopt=bool(vars(options).get("adopt")))
    with _told_to_the_program(session):
        code = session.runner.up(chosen)
    if code:
        raise OpsError(f"the servers of {session.stack} did not come up", "see above")


@contextmanager
def _told_to_the_program(session: StackSession) -> Iterator[None]:
    # It is the view that was made for this session.
    places = (os.environ, cast("MutableMapping[str, str]", session.project.environ))
    for place in places:
        place[DATA_FIRST] = "1"
    try:
        yield
    finally:
        for place in places:
            place.pop(DATA_FIRST, None)


def _refuse_release(session: StackSession) -> None:
    if StackState(session.records.export()).releases():
        raise OpsError(
            f"{session.stack} has a release already",
            "`webstack restore` brings data back into a stack that runs",
        )


def _brought_back(backups: Backups, moment: datetime | None) -> tuple[Backup, str]:
    """Restore the newest backup with what was kept since, or else the newest that is proven.

    The log of an older one may have a gap, since rules let it go: it is second best.
    """
    whole = [each for each in backups.known() if not each.error]
    newest, proven = named(whole, None), newest_proven(whole)
    try:
        return newest, backups.restore(*(at(moment) if moment else latest(newest)))
    except OpsError as error:
        if moment or proven == newest:
            raise
        said = plain_text.line(f"{newest.name} cannot be restored: {error}")
        print(f"warning: {said}; {proven.name} is taken", file=sys.stderr, flush=True)
    return proven, backups.restore(*immediate(proven))


def _what(backup: Backup, moment: datetime | None) -> str:
    return f"the state of {moment:%Y-%m-%dT%H:%M:%SZ}" if moment else f"the backup {backup.name}"
