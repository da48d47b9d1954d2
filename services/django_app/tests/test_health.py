import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


def ask(path):
    return Client().get(path, headers={"host": "anything.example"})


def test_the_process_answers_whatever_the_host():
    answer = ask("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_when_migrated(client):
    answer = ask("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


def test_not_ready_before_the_last_migration(client):
    MigrationRecorder(connection).record_unapplied("guestbook", "0001_entries")
    answer = ask("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "migrations": "pending"}


def test_still_ready_when_a_newer_release_has_migrated(client):
    MigrationRecorder(connection).record_applied("guestbook", "9999_of_a_newer_release")
    assert ask("/readyz").status_code == 200


@pytest.fixture
def broken(client, monkeypatch):
    def fail():
        raise OperationalError("unable to open database file")

    monkeypatch.setattr(connection, "cursor", fail)


def test_not_ready_without_its_database(broken, caplog):
    assert ask("/healthz").status_code == 200
    answer = ask("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "failed", "migrations": "unknown"}
    assert "the database does not answer" in [record.message for record in caplog.records]
