"""Finds what makes backups in a stack: of PostgreSQL, and of files."""

from __future__ import annotations

from webstack.cli.backends.composition import StackSession
from webstack.cli.deployments import file_backups
from webstack.cli.deployments.backups import Backups
from webstack.cli.deployments.data_servers import POSTGRES
from webstack.cli.deployments.file_backups import FileBackups
from webstack.cli.terminal.errors import OpsError


def of(session: StackSession, only: str | None) -> tuple[Backups | None, list[FileBackups]]:
    """Give what makes backups, of all or of ``only``; raises OpsError where none does."""
    files = file_backups.all_of(session)
    if only not in (None, POSTGRES):
        return None, [file_backups.owned(session, str(only))]
    try:
        return Backups.of(session), files if only is None else []
    except OpsError:
        if only or not files:
            raise
        return None, files
