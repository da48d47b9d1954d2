import pytest
from django.http import HttpResponse

from website import proxy


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("", "192.0.2.7", "192.0.2.7"),
        ("", "6.6.6.6, 192.0.2.7", "192.0.2.7"),  # only what nginx added counts
        ("", "", ""),
        ("203.0.113.5", "192.0.2.7", "203.0.113.5"),  # not from the socket: believed nothing
    ],
)
def test_the_client_is_who_the_proxy_says(peer, forwarded, client):
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    assert proxy.client_address(meta) == client


@pytest.mark.parametrize(("prefix", "path"), [("", "/"), ("/a", "/a")])
def test_cookies_stay_under_the_prefix(prefix, path):
    response = HttpResponse()
    response.set_cookie("x", "1")
    proxy.confine_cookies(response, prefix)
    assert response.cookies["x"]["path"] == path


def test_a_cookie_for_a_narrower_path_keeps_it():
    response = HttpResponse()
    response.set_cookie("x", "1", path="/a/b")
    proxy.confine_cookies(response, "/a")
    assert response.cookies["x"]["path"] == "/a/b"


def test_cookies_of_the_site_carry_its_name_and_prefix(ask):
    [cookie] = ask("/guestbook/", "/p").headers.getlist("Set-Cookie")
    assert cookie.strip().startswith("django_csrf=")
    assert "Path=/p;" in cookie
