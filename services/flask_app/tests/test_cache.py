import pytest

from notes import cache
from notes.database import Note, db


def write(client, author):
    client.post("/api/notes", json={"author": author, "text": "x"})


def test_counts_are_remembered_for_a_while(client):
    write(client, "Ann")
    assert client.get("/api/statistics").json == {"notes": 1, "authors": 1}
    write(client, "Ann")
    assert client.get("/api/statistics").json["notes"] == 1
    cache.cache.clear()
    assert client.get("/api/statistics").json == {"notes": 2, "authors": 1}


def test_without_an_answer_of_the_cache_it_is_worked_out_each_time(make_app, monkeypatch, tmp_path):
    monkeypatch.setenv(cache.URL, f"unix://{tmp_path}/nobody.sock")
    app = make_app()
    with app.app_context():
        db.create_all()
        client = app.test_client()
        for notes in (1, 2):
            db.session.add(Note(author="Ann", text="x"))
            db.session.commit()
            assert client.get("/api/statistics").json == {"notes": notes, "authors": 1}


@pytest.mark.parametrize(
    ("url", "kind"), [(None, "SimpleCache"), ("unix:///run/valkey/valkey.sock", "RedisCache")]
)
def test_valkey_is_used_where_there_is_one(url, kind):
    assert cache.for_flask("flask", url)["CACHE_TYPE"] == kind
