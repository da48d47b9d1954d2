import pytest
from django.test import Client

from guestbook.models import Entry


def sign(client, **fields):
    token = client.get("/guestbook/").context["csrf_token"]
    return client.post(
        "/guestbook/",
        {"csrfmiddlewaretoken": str(token), "name": "Bob", "message": "was here", **fields},
    )


def test_an_entry_is_kept_and_shown(client):
    answer = sign(client, message="<b>was here</b>")
    entry = Entry.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/guestbook/#entry-{entry.pk}"
    page = client.get("/guestbook/").content.decode()
    assert "<strong>Bob</strong> &lt;b&gt;was here&lt;/b&gt;" in page


@pytest.mark.parametrize("fields", [{"name": ""}, {"message": " "}, {"message": "x" * 281}])
def test_a_bad_entry_is_explained_and_not_kept(client, fields):
    answer = sign(client, **fields)
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()
    assert not Entry.objects.exists()


def test_a_form_from_elsewhere_is_refused(client):
    answer = client.post("/guestbook/", {"name": "Bob", "message": "was here"})
    assert answer.status_code == 403
    assert not Entry.objects.exists()


def test_a_foreign_origin_is_refused_and_the_own_one_behind_the_proxy_is_not(client):
    token = str(client.get("/guestbook/").context["csrf_token"])
    fields = {"csrfmiddlewaretoken": token, "name": "Bob", "message": "was here"}
    own = {"host": "testserver", "X-Forwarded-Proto": "https", "referer": "https://testserver/"}
    for origin, status in (("https://evil.example", 403), ("https://testserver", 302)):
        answer = client.post(
            "/guestbook/", fields, REMOTE_ADDR="", headers={**own, "origin": origin}
        )
        assert answer.status_code == status


def test_hidden_entries_are_not_shown(client):
    Entry.objects.create(name="Spam", message="buy", hidden=True)
    assert "Spam" not in client.get("/guestbook/").content.decode()


def test_other_methods_are_refused():
    assert Client().delete("/guestbook/").status_code == 405
