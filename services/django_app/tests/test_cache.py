import pytest
from django.core.cache import cache as default
from redis.exceptions import ConnectionError as NoConnectionError

from guestbook.models import Entry
from website import cache


@pytest.fixture(autouse=True)
def forgotten():
    yield
    default.clear()


def test_the_count_is_remembered_for_a_while(client):
    Entry.objects.create(name="Bob", message="was here")
    assert client.get("/guestbook/count").json() == {"entries": 1}
    Entry.objects.create(name="Bob", message="and here")
    assert client.get("/guestbook/count").json() == {"entries": 1}
    default.clear()
    assert client.get("/guestbook/count").json() == {"entries": 2}


def test_what_needs_a_cache_that_is_away_says_when_to_come_again(client, monkeypatch):
    async def fail(_key):
        raise NoConnectionError("no such file or directory")

    client.raise_request_exception = False
    monkeypatch.setattr(default, "aget", fail)
    answer = client.get("/guestbook/count")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get("/guestbook/").status_code == 200


def test_services_keep_apart_in_one_valkey():
    settings = cache.for_django("django", "unix:///run/valkey/valkey.sock")
    assert settings["BACKEND"].endswith("RedisCache")
    assert settings["KEY_PREFIX"] == "django"


def test_sessions_outlive_a_cache_that_forgets():
    assert cache.sessions("unix:///run/valkey/valkey.sock").endswith(".cached_db")
    assert cache.sessions(None).endswith(".db")
