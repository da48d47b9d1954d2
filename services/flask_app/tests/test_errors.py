import logging

import pytest

from webstack_service import request


@pytest.fixture
def failing(app):
    """Two addresses that fail unexpectedly, one of the API and one for people."""

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
