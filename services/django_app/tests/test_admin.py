import pytest
from django.contrib.auth.models import User
from django.test import Client

from guestbook.models import Entry


@pytest.fixture
def moderator(client):
    """Give a browser that is logged in as a superuser; the guestbook's tests cover its forms."""
    browser = Client()
    browser.force_login(User.objects.create_superuser("boss"))
    return browser


def test_a_visitor_is_asked_to_log_in_under_the_prefix(ask):
    answer = ask("/admin/", "/some/prefix")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/some/prefix/admin/login/?next=/some/prefix/admin/"


@pytest.mark.parametrize(("action", "hidden"), [("hide", True), ("show", False)])
def test_a_moderator_hides_and_shows_entries(moderator, action, hidden):
    entry = Entry.objects.create(name="Bob", message="was here", hidden=not hidden)
    answer = moderator.post(
        "/admin/guestbook/entry/", {"action": action, "_selected_action": [entry.pk]}
    )
    assert answer.status_code == 302
    entry.refresh_from_db()
    assert entry.hidden is hidden


def test_entries_are_found_by_their_words(moderator):
    Entry.objects.create(name="Bob", message="was here")
    Entry.objects.create(name="Ann", message="too")
    page = moderator.get("/admin/guestbook/entry/?q=too").content.decode()
    assert "Ann" in page
    assert "Bob" not in page


def test_its_pages_have_the_icon_of_the_site(moderator):
    assert 'rel="icon"' in moderator.get("/admin/").content.decode()
