import flask_migrate
import pytest
from sqlalchemy import inspect, text

from notes.config import database_url, engine_options
from notes.database import Note, db


def test_migrations_make_the_schema_of_the_models(app):
    with app.app_context():
        flask_migrate.check()  # ends the process if a migration is missing


def test_migrating_twice_changes_nothing(app, capsys):
    with app.app_context():
        flask_migrate.upgrade()
    assert "applied" not in capsys.readouterr().out


def test_a_failed_migration_leaves_nothing_behind(make_app, monkeypatch):
    app = make_app()
    with app.app_context():
        monkeypatch.setattr("alembic.op.create_table", _create_and_fail)
        with pytest.raises(ZeroDivisionError):
            flask_migrate.upgrade()
        assert inspect(db.engine).get_table_names() == []


def _create_and_fail(*_args):
    from alembic import op

    op.execute("CREATE TABLE note (id INTEGER)")
    raise ZeroDivisionError


def test_sqlite_serves_several_processes(app):
    with app.app_context():
        found = {
            name: db.session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "busy_timeout", "synchronous", "foreign_keys")
        }
    assert found == {
        "journal_mode": "wal",
        "busy_timeout": 10000,
        "synchronous": 1,
        "foreign_keys": 1,
    }


def test_a_moment_from_the_database_knows_its_zone(app):
    with app.app_context():
        db.session.add(Note(author="A", text="x"))
        db.session.commit()
        db.session.expire_all()
        assert db.session.scalars(db.select(Note)).one().created_at.utcoffset().seconds == 0


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:////data/x.sqlite3", "sqlite:////data/x.sqlite3"),
        ("postgres://u:p@db/x", "postgresql+psycopg://u:p@db/x"),
        ("postgresql://u:p@db:5432/x", "postgresql+psycopg://u:p@db:5432/x"),
        ("postgresql+asyncpg://u@db/x", "postgresql+asyncpg://u@db/x"),
    ],
)
def test_a_postgresql_url_gets_its_driver(given, used):
    assert database_url(given) == used


def test_a_server_s_connections_are_as_many_as_are_allowed_and_looked_at_before_use():
    options = engine_options("postgresql://notes@/notes?host=/run/postgresql", "4")
    assert (options["pool_size"], options["max_overflow"]) == (4, 0)
    assert options["pool_pre_ping"]
    assert "pool_size" not in engine_options("postgresql://notes@/notes", None)
    assert engine_options("sqlite:////data/x.sqlite3", "4") == {}
