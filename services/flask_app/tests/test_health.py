import flask_migrate
from sqlalchemy import text

from notes.database import db


def test_the_process_answers_whatever_the_host_and_the_database(make_app):
    client = make_app(DATABASE_URL="sqlite:////nowhere/x.sqlite3", HTTPS="1").test_client()
    answer = client.get("/healthz", headers={"Host": "anything.example"})
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_once_migrated(make_app):
    app = make_app()
    client = app.test_client()
    before = client.get("/readyz", headers={"Host": "anything.example"})
    assert before.status_code == 503
    assert before.json["checks"] == {"database": "ok", "migrations": "pending"}
    with app.app_context():
        flask_migrate.upgrade()
    after = client.get("/readyz")
    assert (after.status_code, after.json["status"]) == (200, "ready")


def test_still_ready_when_a_newer_release_has_migrated(app):
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        db.session.commit()
    assert app.test_client().get("/readyz").status_code == 200


def test_not_ready_without_its_database(make_app, caplog):
    client = make_app(DATABASE_URL="sqlite:////nowhere/x.sqlite3").test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "failed", "migrations": "unknown"}
    assert [record.message for record in caplog.records] == ["the database does not answer"]
