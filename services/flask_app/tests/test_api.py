import pytest


def add(client, author="Ann", text="hello"):
    return client.post("/api/notes", json={"author": author, "text": text})


def test_a_note_is_kept_and_found(client):
    added = add(client, text="  two \n words ")
    assert added.status_code == 201
    assert added.json["text"] == "two words"
    found = client.get(added.headers["Location"])
    assert found.json == added.json
    assert found.json["created_at"].endswith("+00:00")


def test_the_newest_notes_come_first_in_pages(client):
    for number in range(52):
        add(client, text=f"note {number}")
    first = client.get("/api/notes").json["notes"]
    assert [note["text"] for note in first[:2]] == ["note 51", "note 50"]
    assert len(first) == 50
    rest = client.get(f"/api/notes?before={first[-1]['id']}").json["notes"]
    assert [note["text"] for note in rest] == ["note 1", "note 0"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"text": "x"}, "author must have 1 to 40 characters."),
        ({"author": "A" * 41, "text": "x"}, "author must have 1 to 40 characters."),
        ({"author": "A", "text": " \n "}, "text must have 1 to 280 characters."),
        ({"author": "A", "text": 5}, "text must have 1 to 280 characters."),
        (["A", "x"], "The body must be an object with author and text."),
    ],
)
def test_bad_fields_are_explained(client, body, message):
    refused = client.post("/api/notes", json=body)
    assert refused.status_code == 422
    assert refused.json["error"]["message"] == message
    assert client.get("/api/notes").json == {"notes": []}


@pytest.mark.parametrize(
    ("request_arguments", "status"),
    [
        ({"data": "author=A&text=x"}, 415),  # as a form on a foreign site could send
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": b" " * 70_000, "content_type": "application/json"}, 413),
    ],
)
def test_bodies_that_are_no_json_are_refused_in_json(client, request_arguments, status):
    refused = client.post("/api/notes", **request_arguments)
    assert refused.status_code == status
    assert refused.json["error"]["status"] == status


def test_the_author_is_remembered_in_a_cookie_of_the_service(client):
    cookie = add(client, author="Ann").headers["Set-Cookie"]
    assert cookie.startswith("flask_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert 'value="Ann"' in client.get("/board").text
