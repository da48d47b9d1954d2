import flask
import pytest

FORWARDED = {"X-Forwarded-For": "6.6.6.6, 192.0.2.7", "X-Forwarded-Proto": "https"}


@pytest.fixture
def seen(app):
    """Give a function that tells which client and address the application sees in a request."""

    @app.get("/seen")
    def see():
        return {"client": flask.request.remote_addr, "url": flask.request.url}

    def ask(peer, **headers):
        return app.test_client().get(
            "/seen", headers={**FORWARDED, **headers}, environ_base={"REMOTE_ADDR": peer}
        )

    return ask


def test_the_proxy_on_the_socket_is_believed_its_own_word_only(seen):
    """A client may write the first address of the header itself; nginx adds the last one."""
    assert seen("").json == {"client": "192.0.2.7", "url": "https://localhost/seen"}


def test_a_peer_with_an_address_is_believed_nothing(seen):
    assert seen("203.0.113.5").json == {
        "client": "203.0.113.5",
        "url": "http://localhost/seen",
    }


def test_forwarded_host_and_prefix_change_nothing(seen):
    answer = seen("", **{"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"})
    assert answer.json["url"] == "https://localhost/seen"


@pytest.mark.parametrize(("prefix", "path"), [("", "/"), ("/some/prefix", "/some/prefix")])
def test_cookies_and_redirects_stay_under_the_prefix(client, prefix, path):
    answer = client.post(
        "/api/notes", json={"author": "A", "text": "x"}, base_url=f"http://localhost{prefix}"
    )
    assert f"Path={path};" in answer.headers["Set-Cookie"]
    assert answer.headers["Location"].startswith(f"{prefix}/api/notes/")
