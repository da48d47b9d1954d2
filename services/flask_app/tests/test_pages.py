import re

import pytest

from notes.database import Note, db


def test_greets_without_a_database(make_app):
    page = make_app(DATABASE_URL="sqlite:////nowhere/x.sqlite3").test_client().get("/")
    assert page.status_code == 200
    assert "<h1>Hello, World!</h1>" in page.text
    assert "Set-Cookie" not in page.headers


def test_the_board_shows_notes_escaped(app, client):
    with app.app_context():
        db.session.add(Note(author="<b>", text="<script>"))
        db.session.commit()
    page = client.get("/board").text
    assert "<strong>&lt;b&gt;</strong> &lt;script&gt;" in page


@pytest.mark.parametrize("path", ["/", "/board", "/nowhere"])
@pytest.mark.parametrize("prefix", ["", "/some/prefix"])
def test_every_link_stays_under_the_prefix_and_every_file_is_there(client, path, prefix):
    page = client.get(path, base_url=f"http://localhost{prefix}")
    links = re.findall(r'(?:href|src|action)="([^"]*)"', page.text)
    assert len(links) > 5
    for link in links:
        assert link.startswith(f"{prefix}/")
        if "/static/" in link:
            found = client.get(link[len(prefix) :])
            assert found.status_code == 200
            found.close()


@pytest.mark.parametrize("path", ["/", "/board"])
def test_nothing_is_inline_or_foreign(client, path):
    page = client.get(path).text
    assert not re.search(r"<style|style=|<script>|\son\w+=|https?://", page)


def test_a_browser_that_asks_for_the_icon_is_led_to_the_picture(client):
    answer = client.get("/favicon.ico", base_url="http://localhost/some/prefix")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/some/prefix/static/picture.svg"


def test_a_note_is_written_without_scripts(client):
    written = client.post("/board", data={"author": "Ann", "text": " two  words "})
    assert (written.status_code, written.headers["Location"]) == (303, "/board")
    assert "<strong>Ann</strong> two words" in client.get("/board").text


def test_a_bad_note_comes_back_with_what_is_wrong(client):
    page = client.post("/board", data={"author": "Ann", "text": "  "})
    assert page.status_code == 422
    assert "Your note must have 1 to 280 characters." in page.text
    assert re.search(r'<input id="text"[^>]* aria-invalid="true"', page.text)
    assert 'value="Ann"' in page.text


def test_another_site_cannot_write(client):
    headers = {"Sec-Fetch-Site": "cross-site"}
    refused = client.post("/board", data={"author": "A", "text": "x"}, headers=headers)
    assert refused.status_code == 403
    assert client.get("/api/notes").json == {"notes": []}
