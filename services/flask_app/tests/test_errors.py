import logging
import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from webstack_service import request


@pytest.fixture
def failing(app):
    """Add two addresses that fail unexpectedly, one of the API and one for people."""

    def fail():
        raise RuntimeError("a secret of the inside")

    app.add_url_rule("/api/fail", view_func=fail)
    app.add_url_rule("/fail", endpoint="fail_page", view_func=fail)
    return app.test_client()


def test_the_api_answers_errors_in_json_with_the_request_id(client):
    token = request.identity.set("r-7")
    try:
        answer = client.get("/api/notes/99")
    finally:
        request.identity.reset(token)
    assert answer.status_code == 404
    assert answer.json == {
        "error": {
            "status": 404,
            "name": "Not Found",
            "message": "There is no such note.",
            "request_id": "r-7",
        }
    }


def test_an_unknown_method_keeps_its_allow_header(client):
    answer = client.delete("/api/notes")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert answer.json["error"]["name"] == "Method Not Allowed"


def test_people_get_a_page(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "<h1>Not Found</h1>" in answer.text


def test_an_unexpected_failure_is_logged_and_tells_nothing(failing, caplog):
    with caplog.at_level(logging.ERROR):
        for path in ("/api/fail", "/fail"):
            answer = failing.get(path)
            assert answer.status_code == 500
            assert "secret" not in answer.text
    assert [record.exc_info[0] for record in caplog.records] == [RuntimeError, RuntimeError]


def test_an_unknown_host_is_refused(client):
    answer = client.get("/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.text) == (400, "400 Bad Request\n")


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (psycopg.OperationalError("the server is starting up"), 503),
        (psycopg.errors.AdminShutdown("terminating connection"), 503),
        (psycopg.errors.DiskFull("no space left"), 503),
        (sqlite3.OperationalError("no such table: note"), 500),
    ],
)
def test_only_a_database_that_is_away_is_a_503(app, cause, status):
    def ask():
        raise OperationalError("SELECT 1", {}, cause)

    for path in ("/api/asks", "/asks"):
        app.add_url_rule(path, endpoint=path, view_func=ask)
    client = app.test_client()
    for path in ("/api/asks", "/asks"):
        answer = client.get(path)
        assert answer.status_code == status
        assert ("Retry-After" in answer.headers) == (status == 503)
        assert str(cause) not in answer.text


def test_a_pool_without_a_connection_is_a_503(app):
    def ask():
        raise PoolTimeoutError("QueuePool limit of size 4 reached")

    app.add_url_rule("/asks", view_func=ask)
    assert app.test_client().get("/asks").status_code == 503
