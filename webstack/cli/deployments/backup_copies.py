"""Copies backups out of a stack's volumes into a folder, and back into those of a new stack.

The folder has a folder for each of what there are backups of, and the sealed copy of the stack.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon import copying
from webstack.cli.daemon.data.stack_copy import FILE
from webstack.cli.deployments import data_servers, file_backups, stack_copies
from webstack.cli.deployments.data_servers import POSTGRES, DataServer
from webstack.cli.terminal.errors import OpsError
from webstack.engine.storage import files
from webstack.engine.storage.privacy import PRIVATE

_PLACES = {POSTGRES: ("/var/lib/pgbackrest", ("archive", "backup"))}
_OF_FILES = (file_backups.HOME, ("repository",))


class Source(NamedTuple):
    """What there are backups of, the container that has them, and where they are in it."""

    name: str
    server: DataServer
    folder: str
    parts: tuple[str, ...]


def copied(session: StackSession, folder: Path) -> None:
    """Copy all backups; raises OpsError. What the folder had of an earlier copy goes last."""
    if stack_copies.bucket_of(session):
        raise OpsError(
            "the backups are in a bucket already",
            "a new machine takes them from there: `webstack up --from-backup bucket`",
        )
    found = [*sources(session)]
    if not found:
        raise OpsError(f"{session.stack} has no backups", "`webstack backup now` makes one")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in found:
            _taken(each, folder)
        files.write(folder / FILE, stack_copies.content(session), access=PRIVATE)
    except OSError as error:
        raise OpsError(f"cannot write into {folder}: {error.strerror}", "name another") from error
    names = ", ".join(each.name for each in found)
    print(f"{folder} has the backups of {names}, and the stack itself.", file=sys.stderr)


def sources(session: StackSession) -> Iterator[Source]:
    """Give what there are backups of in volumes of a stack."""
    try:
        server = data_servers.server(session, POSTGRES)
    except OpsError:
        pass
    else:
        yield Source(POSTGRES, server, *_PLACES[POSTGRES])
    for each in file_backups.all_of(session):
        yield Source(each.owner, each.keeper, *_OF_FILES)


def handed_over(source: Source, folder: Path) -> None:
    """Copy what a folder has of one into its container; raises OpsError."""
    own = folder / source.name
    if not own.is_dir():
        raise OpsError(
            f"{folder} has no backups of {source.name}",
            "name the folder that `webstack backup copy` wrote",
        )
    for part in sorted(own.iterdir()):
        copying.into(source.server.api, source.server.container, part, source.folder)


def _taken(source: Source, folder: Path) -> None:
    """Write one's backups beside those of an earlier copy, and put them in their place."""
    own, new = folder / source.name, folder / f".{source.name}.new"
    _gone(new)
    new.mkdir(mode=0o700)
    for part in source.parts:
        place = f"{source.folder}/{part}"
        copying.out_of(source.server.api, source.server.container, place, new)
    _gone(own)
    new.rename(own)


def _gone(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
