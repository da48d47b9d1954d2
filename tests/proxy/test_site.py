"""A site that cannot be served as it is described is refused, in one line that says why."""

from dataclasses import FrozenInstanceError

import pytest

from proxy import Redirect, RoutedService, RouteError, Site


def site(*backends: RoutedService, hosts: tuple[str, ...] = ("localhost",)) -> Site:
    return Site(hosts=hosts, backends=backends)


@pytest.mark.parametrize("name", ["", "Flask", "1st", "a_b", "a b", "a;b", "a-", "x" * 64, "a\n"])
def test_a_service_name_is_of_small_letters_digits_and_dashes(name):
    with pytest.raises(RouteError, match="service name"):
        RoutedService(name, path="/")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "django",
        "/django/",
        "//",
        "/a//b",
        "/a b",
        "/a;b",
        "/{",
        "/a/../b",
        "/.",
        "/%41",
        "/a\n",
    ],
)
def test_a_path_is_a_slash_or_segments_without_one_at_the_end(path):
    with pytest.raises(RouteError, match="must be / or like /name"):
        RoutedService("a", path=path)


@pytest.mark.parametrize("path", ["/", "/a", "/a/b.c/~d_e-f", "/A", "/..."])
def test_usual_paths_are_taken(path):
    assert RoutedService("a", path=path).prefix == path.rstrip("/")


@pytest.mark.parametrize("path", ["/.webstack", "/.webstack/x"])
def test_the_paths_of_the_proxy_itself_are_not_for_services(path):
    with pytest.raises(RouteError, match="belong to the proxy"):
        RoutedService("a", path=path)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "A.org",
            "a..org",
            ".org",
            "a.org.",
            "a.org:80",
            "a b",
            "-a.org",
            "a.*.org",
            "*",
            "a;b",
        ),
        *("a\n", "x" * 64, ".".join(["x" * 63] * 4)),
    ],
)
def test_a_host_is_a_name_in_small_letters(host):
    with pytest.raises(RouteError, match="is no host name"):
        RoutedService("a", hosts=(host,))
    with pytest.raises(RouteError, match="is no host name"):
        Site(hosts=(host,))


@pytest.mark.parametrize(
    "host", ["localhost", "a.b-c.example.org", "127.0.0.1", "xn--bcher-kva.example"]
)
def test_usual_hosts_are_taken(host):
    assert RoutedService("a", hosts=(host,)).hosts == (host,)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("replicas", 0),
        ("replicas", 65),
        ("timeout", 0),
        ("timeout", 86401),
        ("body_limit", 0),
        ("body_limit", 10241),
        ("spool", 127),
        ("threads", 0),
    ],
)
def test_numbers_of_a_service_have_limits(field, value):
    with pytest.raises(RouteError, match=f"{field} must be from 1(28)? to"):
        RoutedService("a", path="/", **{field: value})


@pytest.mark.parametrize(("field", "value"), [("listen", 0), ("workers", 0), ("stream_timeout", 0)])
def test_numbers_of_a_site_have_limits(field, value):
    with pytest.raises(RouteError, match=f"{field} must be from 1 to"):
        Site(**{field: value})


def test_a_service_needs_a_route():
    with pytest.raises(RouteError, match="service a: needs a path or a host"):
        RoutedService("a")


def test_a_path_needs_hosts_of_the_site():
    with pytest.raises(RouteError, match="no host names"):
        site(RoutedService("a", path="/"), hosts=())


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (
            RoutedService("a", path="/x"),
            RoutedService("b", path="/x"),
            "path /x is taken twice: by a and b",
        ),
        (
            RoutedService("a", path="/x"),
            RoutedService("a", path="/y"),
            "service name a is taken twice",
        ),
        (
            RoutedService("a", hosts=("h.org",)),
            RoutedService("b", hosts=("h.org",)),
            "host h.org is taken twice: by a and b",
        ),
        (
            RoutedService("a", hosts=("localhost",)),
            RoutedService("b", path="/"),
            "host localhost is taken twice: by the site and a",
        ),
        (
            RoutedService("a", path="/static"),
            RoutedService("b", path="/", static=True),
            "path /static of a hides the static files of b",
        ),
        (
            RoutedService("a", path="/x", static=True),
            RoutedService("b", path="/x/static"),
            "path /x/static of b hides the static files of a",
        ),
        (
            RoutedService("a", path="/x", static=True, static_paths=("/static", "/assets")),
            RoutedService("b", path="/x/assets"),
            "path /x/assets of b hides the static files of a",
        ),
    ],
)
def test_two_services_cannot_have_one_route(one, other, message):
    with pytest.raises(RouteError) as refused:
        site(one, other)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_host_named_twice_by_one_service_is_refused():
    with pytest.raises(RouteError, match="taken twice: by a and a"):
        site(RoutedService("a", hosts=("h.org", "h.org")))


def test_values_cannot_be_changed_after_the_check():
    with pytest.raises(FrozenInstanceError):
        RoutedService("a", path="/").path = "bad"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("source", "target", "status"),
    [
        *(("old", "/new", 308), ("/old*", "/new", 308), ("/", "/new", 308), ("/*", "/new", 308)),
        *(("/a b", "/new", 308), ("/a/../b", "/new", 308), ("/a;b", "/new", 308)),
        *(("/old", "new", 308), ("/old", "//evil.org", 308), ("/old", "/\\evil.org", 308)),
        *(("/old", "/$host", 308), ("/old", "ftp://a.org/", 308), ("/old", "/a\n", 308)),
        *(("/old", "/new/*", 308), ("/old", "/new", 200), ("/old", "http://a.org", 308)),
    ],
)
def test_a_redirect_that_nginx_would_read_otherwise_is_refused(source, target, status):
    with pytest.raises(RouteError, match=r"^redirect '"):
        Redirect(source, target, status)


@pytest.mark.parametrize(
    ("redirects", "backend", "message"),
    [
        (("/x",), RoutedService("a", path="/x"), "path /x is taken twice: by a redirect and a"),
        (("/x/*",), RoutedService("a", path="/x"), "path /x is taken twice: by a redirect and a"),
        (("/x", "/x/*"), RoutedService("a", path="/"), "path /x is taken twice"),
        (
            ("/x/y",),
            RoutedService("a", path="/x", redirects=(Redirect("/y", "/z"),)),
            "path /x/y is taken twice: by a redirect and a redirect of a",
        ),
    ],
)
def test_one_address_has_one_meaning(redirects, backend, message):
    table = tuple(Redirect(source, "/new") for source in redirects)
    with pytest.raises(RouteError, match=message):
        Site(hosts=("localhost",), backends=(backend,), redirects=table)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ((("localhost", "a.org"),), "host localhost is taken twice"),
        ((("a.org", "b.org"), ("b.org", "a.org")), "b.org sends on itself"),
        ((("a.org", "*.b.org"),), "stands for many"),
        ((("a.org", "b org"),), "is no host name"),
    ],
)
def test_a_host_that_sends_on_leads_to_one_that_serves(pairs, message):
    with pytest.raises(RouteError, match=message):
        Site(hosts=("localhost",), redirect_hosts=pairs)
