def test_responses_forbid_what_pages_do_not_need(client):
    headers = client.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Strict-Transport-Security" not in headers


def test_https_is_insisted_on_where_there_is_https(make_app):
    client = make_app(HTTPS="1").test_client()
    answer = client.get("/board?x=1", base_url="http://localhost/p")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://localhost/p/board?x=1"
    secure = client.get("/", base_url="https://localhost")
    assert "Strict-Transport-Security" not in secure.headers  # the proxy says it, for all
    assert secure.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_cookies_are_for_https_only_where_there_is_https(make_app):
    assert make_app(HTTPS="1").config["SESSION_COOKIE_SECURE"]
    assert not make_app().config["SESSION_COOKIE_SECURE"]


def test_debug_shows_tracebacks_and_sends_no_policy(make_app):
    app = make_app(ENVIRONMENT="dev", DEBUG="1")

    @app.get("/fail")
    def fail():
        raise RuntimeError("seen by the developer")

    client = app.test_client()
    assert "Content-Security-Policy" not in client.get("/").headers
    assert "seen by the developer" in client.get("/fail").text
