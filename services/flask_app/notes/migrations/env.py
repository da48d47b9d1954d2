"""How `flask db` runs migrations: on the application's engine, all or nothing."""

from __future__ import annotations

from typing import Any

import click
from alembic import context
from alembic.runtime.migration import MigrationInfo
from sqlalchemy.engine import Connection

from notes.database import db


def migrate() -> None:
    """Apply the wanted migrations in one transaction."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            _begin_sqlite(connection)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transactional_ddl=True,
            render_as_batch=True,
            on_version_apply=report,  # type: ignore[arg-type]  # it is called by keywords
        )
        with context.begin_transaction():
            context.run_migrations()


def report(step: MigrationInfo, **_: Any) -> None:
    """Say what was applied, for who reads along with a release."""
    click.echo(f"applied {step.up_revision_id}: {getattr(step.up_revision, 'doc', '')}")


def _begin_sqlite(connection: Connection) -> None:
    """Start for real, since the driver would not before DDL; other migrations wait.

    Rebuilding a table must not cascade into those that refer to it; nobody else gets a
    connection that lets that pass.
    """
    connection.detach()
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


migrate()
