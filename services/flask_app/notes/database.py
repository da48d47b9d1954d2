"""The database: connection, schema and what the board keeps in it."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, String, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

MIGRATIONS = Path(__file__).parent / "migrations"
LONGEST_AUTHOR = 40
LONGEST_TEXT = 280

# Readers and the writer do not wait for each other, and writers wait for their turn.
SQLITE = (
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)


class Base(DeclarativeBase):
    """What all models share."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment that knows its zone also where the database forgets it (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give a moment from the database its zone back."""
        return value.replace(tzinfo=timezone.utc) if value and not value.tzinfo else value


db = SQLAlchemy(model_class=Base)
migrate = Migrate(db=db, directory=str(MIGRATIONS))


class Note(db.Model):  # type: ignore[name-defined,misc]
    """A line that somebody left on the board."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(String(LONGEST_AUTHOR))
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    created_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=lambda: datetime.now(timezone.utc)
    )


def init_app(app: Flask) -> None:
    """Give an application the database and the `flask db` commands."""
    db.init_app(app)
    migrate.init_app(app)


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set a new SQLite connection up for several processes at once."""
    if isinstance(connection, sqlite3.Connection):
        for pragma in SQLITE:
            connection.execute(pragma)
