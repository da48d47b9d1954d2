"""Applications under a prefix are told of it, and their answers are put below it."""

from urllib.parse import urlencode

import pytest

from tests.proxy.wire import request

pytestmark = pytest.mark.docker


def told(address: str, prefix: str, **headers: str) -> dict[str, str]:
    """Give the headers of an answer that the service was told to give."""
    query = urlencode({name.replace("_", "-"): value for name, value in headers.items()})
    return request(address, f"{prefix}/told?{query}", "site.test:8080").headers


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/cut/", "/"),
        ("/cut/a%2Fb//c?q=%41", "/a%2Fb//c?q=%41"),
        ("/cut/cut/", "/cut/"),
        ("/cut/?x", "/?x"),
    ],
)
def test_a_service_that_does_not_know_its_prefix_gets_addresses_without_it(address, path, target):
    answer = request(address, path)
    assert answer.json()["target"] == target
    assert answer.seen("X-Forwarded-Prefix") == ["/cut"]
    assert answer.seen("SCRIPT_NAME") == []


def test_a_large_body_and_a_stream_go_to_the_same_address(address):
    assert request(address, "/cut/up", method="POST", body=b"x" * 100_000).json()["target"] == "/up"
    stream = request(address, "/cut/x", Accept="text/event-stream")
    assert stream.json()["target"] == "/x"


@pytest.mark.parametrize("path", ["/%63ut/x", "/x/../cut/x", "//cut/x"])
def test_a_prefix_written_otherwise_is_not_cut(address, path):
    assert request(address, path).status == 404


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("/", "/cut/"),
        ("/login?next=/x", "/cut/login?next=/x"),
        ("/cut/login", "/cut/login"),
        ("/cut", "/cut"),
        ("/cutter", "/cut/cutter"),
        ("login", "login"),
        ("?page=2", "?page=2"),
        ("//elsewhere.test/x", "//elsewhere.test/x"),
        ("https://elsewhere.test/x", "https://elsewhere.test/x"),
        ("http://site.test:8080/x", "http://site.test:8080/cut/x"),
        ("https://site.test:8080/x", "https://site.test:8080/cut/x"),
        ("http://SITE.test:8080/x", "http://SITE.test:8080/cut/x"),
        ("http://site.test:8080", "http://site.test:8080/cut"),
        ("http://site.test:8080/cut/x", "http://site.test:8080/cut/x"),
        ("http://site.test:80801/x", "http://site.test:80801/x"),
        ("http://site.test:8080.evil.test/x", "http://site.test:8080.evil.test/x"),
    ],
)
def test_where_its_redirects_lead_to_lies_below_the_prefix(address, said, seen):
    assert told(address, "/cut", Location=said)["location"] == seen


def test_a_refresh_lies_below_it_too(address):
    headers = told(address, "/cut", Location="/a", Refresh="3; url=/b", status="200 OK")
    assert headers["refresh"] == "3; url=/cut/b"


def test_redirects_of_one_that_knows_its_prefix_pass_as_they_are(address):
    assert told(address, "/second", Location="/elsewhere")["location"] == "/elsewhere"


@pytest.mark.parametrize(
    ("prefix", "said", "seen"),
    [
        ("/cut", "a=1; Path=/", "a=1; Path=/cut/"),
        ("/cut", "a=1; Path=/admin; HttpOnly", "a=1; Path=/cut/admin; HttpOnly"),
        ("/cut", "a=1; Path=/cut/admin", "a=1; Path=/cut/admin"),
        ("/cut", "a=1", "a=1"),
        ("/cut", "__Host-a=1; Path=/; Secure", "__Host-a=1; Path=/; Secure"),
        ("/second", "a=1; path=/", "a=1; path=/second/"),
        ("/second", "a=1; Path=/second", "a=1; Path=/second"),
        ("/second", "a=1; Path=/elsewhere", "a=1; Path=/elsewhere"),
        ("/shared", "a=1; Path=/", "a=1; Path=/"),
        ("", "a=1; Path=/", "a=1; Path=/"),
    ],
)
def test_cookies_stay_below_the_prefix(address, prefix, said, seen):
    assert told(address, prefix, Set_Cookie=said)["set-cookie"] == seen


@pytest.mark.parametrize(
    ("path", "sent", "seen"),
    [
        ("/second/", "sessionid=own; sessionid=above", "sessionid=own"),
        ("/second/", "b=0; sid=own; c=1; sid=above; d=2", "b=0; sid=own; c=1; d=2"),
        ("/second/", "sid=1; csrf=1; msg=1; sid=2; csrf=2; msg=2", "sid=1; csrf=1; msg=1"),
        ("/second/", "sid=1; sid=2; sid=3", "sid=1"),
        ("/second/", "sid=1; xsid=2; sidx=3", "sid=1; xsid=2; sidx=3"),
        ("/second/", "sid=; a=b=c; sid=2", "sid=; a=b=c"),
        ("/cut/", "sid=own; sid=above", "sid=own"),
        ("/shared/", "sid=own; sid=above", "sid=own; sid=above"),
        ("/", "sid=own; sid=above", "sid=own; sid=above"),
    ],
)
def test_of_cookies_of_one_name_a_service_sees_its_own(address, path, sent, seen):
    """Browsers send the cookies of the longest path first, and Django takes the last one."""
    assert request(address, path, Cookie=sent).seen("Cookie") == [seen]


def test_a_long_list_of_cookies_without_a_pair_costs_no_time(address):
    sent = "; ".join(f"k{number:03}=" for number in range(900))
    assert request(address, "/second/", Cookie=sent).seen("Cookie") == [sent]
    assert request(address, "/second/").seen("Cookie") == []


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/old", 308, "/new"),
        ("/old?a=1", 308, "/new?a=1"),
        ("/moved", 302, "/there"),
        ("/moved/", 302, "/there/"),
        ("/moved/a%0d%0ab?c=%20", 302, "/there/a%0d%0ab?c=%20"),
        ("/away/a/b", 308, "https://docs.example.org/a/b"),
        ("/cut/gone", 308, "/cut/here"),
    ],
)
def test_the_table_of_redirects_sends_on(address, path, status, location):
    answer = request(address, path)
    assert (answer.status, answer.headers["location"]) == (status, location)


@pytest.mark.parametrize("path", ["/moved//elsewhere.test", "/moved/\\elsewhere.test"])
def test_no_redirect_leads_to_the_host_that_a_client_names(address, path):
    assert request(address, path).status == 404


def test_a_host_that_moved_sends_on_with_method_port_and_address(address):
    answer = request(address, "/a%2Fb?x=1", "www.site.test:8080", method="POST")
    assert (answer.status, answer.headers["location"]) == (308, "http://site.test:8080/a%2Fb?x=1")


@pytest.mark.parametrize("host", ["a.apart.test", "a.b.apart.test"])
def test_all_names_below_one_can_be_a_services_own(address, host):
    assert request(address, "/", host).json()["service"].startswith("apart")
    assert request(address, "/", "notapart.test").status == 404


def test_a_project_s_own_words_are_in_force_where_they_stand(address):
    assert request(address, "/shared/", "site.test").headers["x-own"] == "location"
    assert "x-own" not in request(address, "/second/", "site.test").headers
