"""nginx.conf is as written down in golden/, and reads the same when parsed back.

After an intended change, run ``python -m tests.proxy.write_golden`` and read the difference.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import crossplane
import pytest

from proxy import RoutedService, Site, paths, render
from proxy.errors import TITLES
from proxy.headers import ADDED, FORWARDED, REFUSED
from proxy.static_names import HASHED, is_hashed
from tests.proxy.sites import SITES

NAMES = "server_name"
GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def parsed(tmp_path):
    """Parse the configuration of a site back into directives."""

    def parse(site: Site) -> list[dict]:
        file = tmp_path / "nginx.conf"
        file.write_text(render(site))
        result = crossplane.parse(str(file), single=True, strict=False, check_ctx=True)
        assert result["errors"] == []
        return result["config"][0]["parsed"]

    return parse


def find(directives: list[dict], name: str) -> list[dict]:
    """Give every directive of a name, however deep."""
    found = []
    for directive in directives:
        found += [directive] if directive["directive"] == name else []
        found += find(directive.get("block", []), name)
    return found


def arguments(directives: list[dict], name: str) -> list[list[str]]:
    return [directive["args"] for directive in find(directives, name)]


def server(directives: list[dict], host: str) -> list[dict]:
    """Give the directives of the one server that has a host name."""
    (found,) = [
        each["block"]
        for each in find(directives, "server")
        if "block" in each and any(host in names for names in arguments(each["block"], NAMES))
    ]
    return found


@pytest.mark.parametrize("name", SITES)
def test_the_text_is_as_written_down(name):
    assert render(SITES[name]) == (GOLDEN / f"{name}.conf").read_text()


@pytest.mark.parametrize("name", SITES)
def test_the_text_is_tidy(name):
    text = render(SITES[name])
    assert not re.search(r"[ \t]\n", text)
    assert "\n\n\n" not in text
    assert "{\n\n" not in text.replace("http {\n\n", "")
    assert text.endswith("}\n")


def test_the_order_in_which_services_and_hosts_are_named_does_not_matter():
    site = SITES["replicas"]
    turned = replace(site, hosts=site.hosts[::-1], backends=site.backends[::-1])
    assert render(turned) == render(site)


def test_no_service_or_host_is_lost_however_many_there_are(parsed):
    """The builder keeps one child of each name unless it is told otherwise."""
    backends = [RoutedService(f"s{n}", 2, f"/p{n}", (f"h{n}.org",), static=True) for n in range(30)]
    random.Random(1).shuffle(backends)
    config = parsed(Site(hosts=("localhost",), backends=tuple(backends)))
    assert len(find(config, "upstream")) == 30
    assert len([each for each in find(config, "server") if "block" in each]) == 30 + 3
    assert len([each for each in arguments(config, "location") if each[0] == "~"]) == 4 * 60


def test_nginx_connects_to_what_is_held_for_each_replica(parsed):
    upstream = next(
        each for each in find(parsed(SITES["replicas"]), "upstream") if "shop" in each["args"]
    )
    members = [each["args"][0] for each in upstream["block"] if each["directive"] == "server"]
    assert members == [f"unix:{paths.upstream('shop', replica)}" for replica in range(3)]
    assert {"directive": "least_conn", "args": []}.items() <= upstream["block"][1].items()


def test_longer_prefixes_stand_first_and_end_at_a_segment(parsed):
    locations = arguments(server(parsed(SITES["replicas"]), "example.org"), "location")
    prefixes = [each[0] for each in locations if len(each) == 1 and each[0].startswith("/")]
    assert prefixes == ["/shop/upload.v2/", "/shop/", "/"]


def test_a_site_without_a_service_at_its_root_answers_404_there(parsed):
    root = [
        each["block"]
        for each in find(server(parsed(SITES["replicas"]), "example.org"), "location")
        if each["args"] == ["/"]
    ]
    assert arguments(root[0], "return") == [["404"]]


@pytest.mark.parametrize(("name", "status"), [("nothing", "503"), ("hosts-only", "404")])
def test_requests_for_unknown_hosts_have_a_server_of_their_own(parsed, name, status):
    default = server(parsed(SITES[name]), "_")
    assert "default_server" in arguments(default, "listen")[0]
    assert [status] in arguments(default, "return")
    assert find(default, "proxy_pass") == []


def test_health_is_out_of_reach_from_the_network(parsed):
    config = parsed(SITES["path-and-host"])
    listening = arguments(config, "listen")
    assert [f"unix:{paths.HEALTH_SOCKET}"] in listening
    assert {each[0] for each in listening} == {f"unix:{paths.HEALTH_SOCKET}", str(paths.PORT)}


def test_every_header_about_the_client_is_ours(parsed):
    sent = dict(arguments(parsed(SITES["path-and-host"]), "proxy_set_header"))
    assert sent == {**FORWARDED, **dict.fromkeys(REFUSED, "")}


@pytest.mark.parametrize("name", SITES)
def test_a_block_with_headers_of_its_own_repeats_the_others(parsed, name):
    """Nginx forgets the headers of the outer block there."""

    def check(directives: list[dict]) -> None:
        own = [each["args"][0] for each in directives if each["directive"] == "add_header"]
        assert not own or set(own) >= set(ADDED)
        sets = [each for each in directives if each["directive"] == "proxy_set_header"]
        names = {each["directive"] for each in directives}
        # Where nothing of the client's is passed, nothing has to be refused.
        refused = 0 if "proxy_pass_request_headers" in names else len(REFUSED)
        assert not sets or len(sets) >= len(FORWARDED) + refused
        for each in directives:
            check(each.get("block", []))

    check(parsed(SITES[name]))


def test_only_hashed_files_are_for_ever(parsed):
    config = parsed(SITES["path-and-host"])
    for location in find(config, "location"):
        own = [each["args"] for each in location["block"] if each["directive"] == "add_header"]
        kept = any("immutable" in value for _, value, *_ in own)
        assert kept == (HASHED in location["args"][-1])


@pytest.mark.parametrize(
    ("path", "hashed"),
    [
        ("css/app.55e7cbb9ba48.css", True),
        ("app-0123abcd.min.js", True),
        ("0123456789abcdef.woff2", True),
        ("deep/er/licence.0123456789ab", True),
        ("logo.55e7cbb9ba48.svg.map", True),
        ("app.css", False),
        ("app.1234567.css", False),
        ("report-20240131.pdf", False),
        ("photo.202401311200.jpg", False),
        ("jquery-3.7.1.min.js", False),
        ("app.55E7CBB9BA48.css", False),
        ("app55e7cbb9ba48.css", False),
        ("app.55e7cbb9ba48/app.css", False),
        ("app.55e7cbb9ba48x.css", False),
        ("", False),
    ],
)
def test_a_hashed_name_has_eight_or_more_hex_digits_of_their_own(parsed, path, hashed):
    hidden, texts, pattern, others = (
        each[1].replace("?<", "?P<")
        for each in arguments(
            server(parsed(SITES["path-and-host"]), "django.localhost"), "location"
        )
        if each[0] == "~"
    )
    assert bool(re.search(pattern, f"/static/{path}")) == is_hashed(path) == hashed
    assert bool(re.search(others, f"/static/{path}")) == bool(path)
    assert not re.search(hidden, f"/static/{path}")
    of_text = path.endswith((".css", ".js", ".map"))
    assert bool(re.search(texts, f"/static/{path}")) == (hashed and of_text)


def test_each_path_of_static_files_has_a_folder_of_its_own(parsed):
    shop = RoutedService(
        "shop", path="/shop", static=True, static_paths=("/static", "/assets/v1.2")
    )
    config = parsed(Site(hosts=("localhost",), backends=(shop,)))
    places = {
        each["args"][-1]: [
            argument
            for inner in each["block"]
            if inner["directive"] in ("root", "alias")
            for argument in inner["args"]
        ]
        for each in find(config, "location")
        if each["args"][0] == "~" and "well-known" not in each["args"][1]
    }
    texts = {key: value for key, value in places.items() if "css|" in key}
    assert [*texts.values()] == [
        [f"/srv/static/shop{each}/$static_file"] for each in ("", ".assets.v1.2")
    ]
    assert {key: value for key, value in places.items() if key not in texts} == {
        f"^/shop/static/(?<static_file>{HASHED})$": ["/srv/static/shop/$static_file"],
        "^/shop/static/(?<static_file>.+)$": ["/srv/static/shop"],
        f"^/shop/assets/v1[.]2/(?<static_file>{HASHED})$": [
            "/srv/static/shop.assets.v1.2/$static_file"
        ],
        "^/shop/assets/v1[.]2/(?<static_file>.+)$": ["/srv/static/shop.assets.v1.2"],
    }


def test_only_services_limit_bodies(parsed):
    """A limit of an error page, which is measured again, would turn its status into 413."""
    config = parsed(SITES["path-and-host"])
    (http,) = (each["block"] for each in config if each["directive"] == "http")
    limits = [each["args"] for each in http if each["directive"] == "client_max_body_size"]
    assert limits == [["0"]]
    for location in find(config, "location"):
        measured = find(location["block"], "client_max_body_size")
        assert bool(measured) == bool(find(location["block"], "proxy_pass"))


def test_only_bodies_that_are_too_large_to_be_kept_are_passed_on_as_they_come(parsed):
    blocks = {
        each["args"][0]: each["block"]
        for each in find(server(parsed(SITES["replicas"]), "example.org"), "location")
    }
    assert arguments(blocks["@upload-passed"], "proxy_request_buffering") == [["off"]]
    assert arguments(blocks["@upload-passed"], "limit_conn") == [["passed", "4"]]
    for location in ("/shop/upload.v2/", "@upload-passed"):
        assert arguments(blocks[location], "client_max_body_size") == [["500m"]]
    unbuffered = [name for name, block in blocks.items() if find(block, "proxy_request_buffering")]
    assert unbuffered == ["@upload-passed"]


def test_whatever_is_kept_on_disk_is_counted(parsed):
    """A location that keeps more than memory holds has a limit on how often it does so."""
    for location in find(server(parsed(SITES["replicas"]), "example.org"), "location"):
        if find(location["block"], "proxy_pass"):
            names = {args[0] for args in arguments(location["block"], "limit_conn")}
            refuses = location["args"][0].endswith("-full")
            assert names & {"bodies", "passed"} or refuses
            spooled = find(location["block"], "proxy_max_temp_file_size")
            assert bool(spooled) == ("answers" in names)


@pytest.mark.parametrize("name", SITES)
def test_only_the_flag_of_closing_and_names_with_a_hash_are_not_looked_at_anew(parsed, name):
    """All other files may come and go between two requests."""
    for each in find(parsed(SITES[name]), "server"):
        for location, said in places(each.get("block", []), {}):
            looks = {"try_files", "proxy_cache", "root", "alias"} & said.keys() or "-f" in said[
                "if"
            ]
            remembers = said.get("open_file_cache", ["off"]) != ["off"]
            if HASHED in location:
                assert (remembers, said["open_file_cache_errors"]) == (True, ["off"])
            elif location not in ("@held", "/.webstack/"):
                assert not (looks and remembers), location


def places(block: list[dict], inherited: dict) -> Iterator[tuple[str, dict]]:
    """Give each location, and its directives with those that it inherits."""
    said = {each["directive"]: each["args"] for each in block}
    said["if"] = [word for each in block if each["directive"] == "if" for word in each["args"]]
    kept = {key: value for key, value in said.items() if key.startswith("open_file_cache")}
    for each in block:
        if each["directive"] == "location":
            (location, own), *inner = places_of(each, {**inherited, **kept})
            yield location, own
            yield from inner


def places_of(location: dict, inherited: dict) -> Iterator[tuple[str, dict]]:
    """Give a location, and those inside of it."""
    block = location["block"]
    conditions = [word for each in block if each["directive"] == "if" for word in each["args"]]
    own = {each["directive"]: each["args"] for each in block}
    yield location["args"][-1], {**inherited, **own, "if": conditions}
    yield from places(block, inherited)


def test_every_error_has_a_page_and_a_title(parsed):
    config = parsed(SITES["path-and-host"])
    pages = {code for each in arguments(config, "error_page") for code in each[:-1]}
    assert {str(code) for code in TITLES} - {"431"} <= pages
    titles = next(each for each in find(config, "map") if each["args"][1] == "$error_title")
    assert [each["directive"] for each in titles["block"]] == ["default", *map(str, TITLES)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server_tokens", "off"),
        ("underscores_in_headers", "off"),
        ("ignore_invalid_headers", "on"),
        ("merge_slashes", "on"),
        ("absolute_redirect", "off"),
        ("reset_timedout_connection", "on"),
        ("proxy_next_upstream", "error"),
        ("proxy_redirect", "off"),
    ],
)
def test_what_keeps_requests_honest_is_set_once_for_all(parsed, name, value):
    assert arguments(parsed(SITES["path-and-host"]), name) == [[value]]
