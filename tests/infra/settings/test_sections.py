"""Settings are read once; each mistake is told in one line that names the key."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest

from infra.settings.reading import read
from infra.settings.sections import Settings, SettingsError
from webstack.contract.health_check import HealthCheck

SERVICE = {"source": "services/shop", "path": "/"}


def read_values(**values: Any) -> Settings:
    return read(
        {f"webstack:{k}": v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    )


def test_a_service_needs_a_source_and_a_route():
    settings = read_values(services={"shop": SERVICE})
    assert settings.services["shop"].replicas == 1
    assert settings.port == 8080


def test_workers_follow_the_cpu_limit():
    services = {
        "small": SERVICE,
        "large": {"source": "x", "path": "/x", "cpus": 4},
        "edited": {"source": "x", "path": "/y", "cpus": 4, "reload": "/app"},
    }
    settings = read_values(services=services)
    assert settings.services["edited"].worker_count == 1
    assert settings.services["small"].worker_count == 2
    assert settings.services["large"].worker_count == 8


def test_a_container_that_stops_has_time_for_the_longest_request():
    """A release must not cut off a request that may take two minutes."""
    services = {
        "usual": SERVICE,
        "slow": {"source": "x", "path": "/x", "timeout": 120},
        "told": {"source": "x", "path": "/y", "timeout": 120, "grace": 8},
    }
    settings = read_values(services=services)
    assert settings.services["usual"].grace_time == 30
    assert settings.services["slow"].grace_time == 120
    assert settings.services["told"].grace_time == 8


def refused(**values: Any) -> str:
    """Give the one line in which settings are refused: the namespace, then the key."""
    with pytest.raises(SettingsError) as caught:
        read_values(**values)
    said = str(caught.value)
    assert said.isprintable()
    assert said.startswith("webstack:")
    return said.removeprefix("webstack:")


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ({"replica": 1}, "replica: unknown setting; did you mean replicas?"),
        ({"replicas": 0}, "replicas: expected a whole number of at least 1"),
        ({"replicas": 100_000}, "replicas: expected a whole number of at most 32"),
        ({"replicas": "two"}, "replicas: expected a whole number, got a text"),
        (
            {"memory": "256M"},
            "memory: expected a whole number, got a text; write the number alone, without quotes "
            "or a unit",
        ),
        ({"path": "/" + "a" * 2000}, "path: expected a path such as / or /shop, without a"),
        ({"replicas": 1.5}, "replicas: expected a whole number, got a number"),
        ({"cpus": "1"}, "cpus: expected a number, got a text"),
        ({"memory": 999_999_999_999}, "memory: expected a whole number of at most"),
        ({"memory": 10**400}, "memory: expected a whole number"),
        ({"outbound": "no"}, "outbound: expected true or false, got a text"),
        ({"path": "shop"}, "path: expected a path such as / or /shop"),
        ({"path": "/shop\n"}, "path: expected a path such as / or /shop"),
        ({"path": "/shop/../up"}, "path: expected a path such as / or /shop"),
        ({"hosts": ["a b"]}, "hosts[0]: expected a host name such as"),
        ({"hosts": ["ok.example", "a.*.example"]}, "hosts[1]: expected a host name such as"),
        ({"hosts": ["shop.example:80"]}, "hosts[0]: expected a host name such as"),
        ({"hosts": ["shop.example\n"]}, "hosts[0]: expected a host name such as"),
        ({"hosts": ["a" * 64]}, "hosts[0]: expected a host name such as"),
        ({"hosts": "shop.example"}, "hosts: expected a list, got a text; write ["),
        ({"nginx": {"http": "x;"}}, "nginx.http: unknown setting"),
        ({"nginx": {"location": "a b"}}, "nginx.location: the last directive, at b, does not end"),
        ({"nginx": {"location": "}\nlocation / {"}}, "nginx.location: a } closes more than was"),
        ({"nginx": {"location": "if (a) { b;"}}, "nginx.location: a { is not closed; add the m"),
        ({"nginx": {"location": 'a "}" # }\n;}'}}, "nginx.location: a } closes more than was ope"),
        ({"nginx": {"server": "a;"}}, "nginx.server: it has no hosts of its own, whose server"),
        ({"app": "shop"}, "app: expected an application as module:name"),
        ({"app": "shop:make(1)"}, "app: expected an application as module:name"),
        ({"server": "uvicorn"}, "server: uvicorn is not told what to serve; name it: app: "),
        (
            {"server": "apache", "app": "a:b"},
            "server: 'apache' is none of gunicorn, gunicorn-asgi, ",
        ),
        ({"app": "a:b", "command": ["x"]}, "command: app names what is started; remove one"),
        ({"app": "a:b", "port": 80}, "port: gunicorn listens on a socket; remove port"),
        ({"app": "a:b()", "server": "daphne"}, "app: daphne calls no function"),
        (
            {"app": "a:b", "server": "uvicorn", "path": "/x", "hosts": ["x.org"]},
            "hosts: uvicorn takes one prefix for all requests, here /x; remove path or hosts",
        ),
        ({"strip_prefix": True}, "strip_prefix: there is no prefix to take off; set path: /name"),
        ({"redirects": {"old": "/new"}}, "redirects.old: expected a path such as /old"),
        ({"redirects": {"/old": "new"}}, "redirects./old: expected a path such as /new"),
        ({"redirects": {"/old": "//evil.org"}}, "redirects./old: expected a path such as /new"),
        ({"redirects": {"/old": "/$host"}}, "redirects./old: expected a path such as /new"),
        ({"redirects": {"/old": "/old"}}, "redirects./old: it leads to itself; name another"),
        ({"redirects": {"/old": "/new/*"}}, "redirects./old: /new/* ends with /*, which stands"),
        (
            {"redirects": {"/old": {"to": "/x", "status": 200}}},
            "redirects./old.status: '200' is no",
        ),
        ({"redirects": {"/old": {"status": 301}}}, "redirects./old.to: required, but not set"),
        ({"source": ""}, "source: expected a text of one line"),
        ({"source": "a\0b"}, "source: expected a text of one line"),
        ({"environment": {"PORT": 1}}, "environment.PORT: expected a text, got a whole number; p"),
        ({"environment": {"ON": True}}, "environment.ON: expected a text, got true or false; put"),
        ({"environment": {"A\n": "1"}}, "environment.A\\n: expected the name of an environment v"),
        ({"environment": {"A": "1\0"}}, "environment.A: expected a text without control char"),
        ({"environment": ["A=1"]}, "environment: expected keys with values, got a list"),
        ({"environment": {"WEBSTACK_SOCKET": "/x"}}, "environment.WEBSTACK_SOCKET: names that"),
        (
            {"environment": {"A": "1"}, "secret_environment": {"A": {}}},
            "environment.A: it is in secret_environment, too",
        ),
        (
            {"secret_environment": {"A_B": {}, "a_b": {}}},
            "secret_environment.a_b: it cannot be told from services.shop.secret_environment.A_B",
        ),
        ({"secret_environment": {"A": {"serial": 0}}}, "secret_environment.A.serial: expected a"),
        ({"secret_environment": {"A": "x"}}, "secret_environment.A: expected keys with values"),
        ({"secret_environment": {"A": {"settin": "x"}}}, "secret_environment.A.settin: unknown"),
        ({"health": "up"}, "health: expected a path such as /up/"),
        ({"health": "/up\nHost: evil"}, "health: expected a path such as /up/"),
        ({"health": "/up\n"}, "health: expected a path such as /up/"),
        ({"health": "/a page"}, "health: expected a path such as /up/"),
        ({"health": {"path": "up"}}, "health.path: expected a path such as /up/"),
        ({"health": {"hots": "a"}}, "health.hots: unknown setting"),
        ({"health": {"host": "a b"}}, "health.host: expected a host name such as"),
        ({"health": {"status": []}}, "health.status: expected a list with at least 1"),
        ({"health": {"status": [700]}}, "health.status[0]: expected a whole number of at most 599"),
        (
            {"health": {"status": ["299-200"]}},
            "health: the range 299-200 runs backwards",
        ),
        ({"health": {"status": ["2xx"]}}, "health.status[0]: expected a range of"),
        ({"health": {"timeout": 0}}, "health.timeout: expected a whole number of at least 1"),
        ({"health": {"asked": "never"}}, "health.asked: 'never' is none of after, before"),
        ({"health": {"asked": "x" * 5000}}, f"health.asked: '{'x' * 60}…' is none of "),
        (
            {"secret_environment": {"TOKEN": {"setting": "token"}}},
            "secret_environment.TOKEN: the setting token is not set; run `webstack config set",
        ),
        (
            {"secret_environment": {"TOKEN": {"setting": "x" * 5000}}},
            f"secret_environment.TOKEN: the setting {'x' * 60}… is not set",
        ),
        (
            {"secret_environment": {"TOKEN": {"setting": "port"}}},
            "secret_environment.TOKEN: port is a setting of the stack and no secret",
        ),
        ({"before_release": "flask db upgrade"}, "before_release: expected a list, got a text; w"),
        ({"before_release": [1]}, "before_release[0]: expected a text, got a whole number; put"),
        ({"command": []}, "command: expected a list with at least 1 entry"),
        ({"command": [""]}, "command: the first word is empty; name a program"),
        ({"command": ["a", "\u001b[2J"]}, "command[1]: expected a text without control"),
        ({"writable": {"/cache": "16"}}, "writable./cache: expected a whole number, got a text"),
    ],
)
def test_a_wrong_service_is_named_with_its_key(service: dict[str, Any], message: str):
    assert refused(services={"shop": {**SERVICE, **service}}).startswith(f"services.shop.{message}")


def test_a_number_out_of_bounds_is_not_to_be_put_in_quotes():
    wrong = {**SERVICE, "health": {"status": [700]}}
    assert refused(services={"shop": wrong}).endswith("at most 599")


@pytest.mark.parametrize("words", ["", "a;", "a { b; }", "# }\na 'x}' \"{\" \\{ ;", 'a "x{2}" 1;'])
def test_directives_that_stay_in_their_place_are_taken(words: str):
    service = {**SERVICE, "nginx": {"location": words}}
    assert read_values(services={"shop": service}).services["shop"].nginx.location == words


def test_a_service_without_a_route_is_named():
    said = refused(services={"shop": {"source": "services/shop"}})
    assert said == "services.shop: no route; set path, hosts, or both"


@pytest.mark.parametrize(
    "folder",
    [
        *("/", "", "data", "/data/", "//data", "/a/../b", "/a/./b", "/a:b", "/a b", "/a,b", "/a\n"),
        *("/proc", "/proc/self", "/sys/fs", "/dev", "/run", "/run/webstack", "/run/webstack/x"),
        *("/tmp", "/tmp/data"),
    ],
)
def test_a_folder_that_cannot_hold_data_is_refused(folder: str):
    assert refused(services={"shop": {**SERVICE, "data": folder}}).startswith("services.shop.data:")


@pytest.mark.parametrize(
    ("folders", "key"),
    [
        ({"data": "/data", "writable": {"/data": 16}}, "writable"),
        ({"data": "/data", "writable": {"/data/cache": 16}}, "writable"),
        ({"writable": {"/var": 16, "/var/lib": 16}}, "writable"),
        ({"static": "/srv/static", "data": "/srv"}, "data"),
        ({"static": "/app/static", "reload": "/app"}, "static"),
    ],
)
def test_folders_that_hide_each_other_are_refused(folders: dict[str, Any], key: str):
    said = refused(services={"shop": {**SERVICE, **folders}})
    assert said.startswith(f"services.shop.{key}: ")
    assert "hide each other" in said


def test_folders_beside_each_other_are_fine():
    folders = {"data": "/srv/data", "static": "/srv/database", "writable": {"/run": 16, "/tmp": 99}}
    settings = read_values(services={"shop": {**SERVICE, **folders}})
    assert settings.services["shop"].writable == {"/run": 16, "/tmp": 99}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"prot": 1}, "prot: unknown setting; did you mean port?"),
        ({"pro\nt": 1}, "pro\\nt: unknown setting"),
        ({"port": "http"}, "port: expected a whole number, got a text"),
        ({"port": 70000}, "port: expected a whole number of at most 65535"),
        ({"port": "1" * 5000}, "port: expected a whole number"),
        ({"port": "[" * 3000 + "]" * 3000}, "port: expected a whole number, got a text"),
        ({"proxy": {"memroy": 1}}, "proxy.memroy: unknown setting; did you mean memory?"),
        ({"proxy": '{"cpus": NaN}'}, "proxy: expected keys with values, got a text"),
        ({"hosts": []}, "hosts: expected a list with at least 1 entry"),
        ({"redirect_hosts": {"localhost": "a.org"}}, "redirect_hosts.localhost: it is in webstack"),
        ({"redirect_hosts": {"a.org": "*.b.org"}}, "redirect_hosts.a.org: *.b.org serves nothing"),
        (
            {"redirect_hosts": {"a.org": "b.org", "b.org": "c.org"}},
            "redirect_hosts.a.org: b.org se",
        ),
        ({"redirects": {"/a": "b"}}, "redirects./a: expected a path such as /new"),
        ({"hosts": ["a", "a"]}, "hosts: a stands there twice"),
        ({"hosts": ["0.0.0.0/0"]}, "hosts[0]: expected a host name such as"),
        ({"hosts": ["Shop.example"]}, "hosts[0]: expected a host name such as"),
        ({"debug": "yes"}, "debug: expected true or false, got a text"),
        ({"debian": ""}, "debian: expected an image such as debian:trixie-slim"),
        ({"debian": "debian trixie"}, "debian: expected an image such as debian:trixie-slim"),
        ({"certificates": ""}, "certificates: expected a text of one line"),
        ({"releases": 0}, "releases: expected a whole number of at least 1"),
        ({"environment": "Prod\n"}, "environment: expected a name of small letters"),
        ({"expires": "tomorrow"}, "expires: expected a moment in UTC, such as 2026-12-24T18:00:00"),
        ({"expires": "2026-13-45T00:00:00Z"}, "expires: 2026-13-45T00:00:00Z is no moment of the"),
        ({"expires": "2026-02-30T00:00:00Z"}, "expires: 2026-02-30T00:00:00Z is no moment of the"),
        ({"expires": "2026-12-24T18:00:00Z\n"}, "expires: expected a moment in UTC"),
        ({"policies": {"plain-secret": False}}, "policies.plain-secret: expected a text, got true"),
        ({"services": {}}, "services: expected at least one service"),
        ({"services": "shop"}, "services: expected at least one service"),
        ({"services": {"Shop!": SERVICE}}, "services.Shop!: expected a name of small letters"),
        ({"services": {"a\n": SERVICE}}, "services.a\\n: expected a name of small letters"),
        ({"services": {"shop": None}}, "services.shop: expected keys with values, got nothing"),
        ({"services": {"shop": {"path": "/"}}}, "services.shop: no image; set source"),
        ({"services": {"proxy": SERVICE}}, "services.proxy: proxy is a name of the stack's own"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, Any], message: str):
    assert refused(**{"services": {"shop": SERVICE}, **values}).startswith(message)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "0.0.0.0", "10.1.2.3", "::1", "::", "2001:db8::5"]
)
def test_an_address_is_taken_as_it_is_written(address: str):
    assert read_values(services={"shop": SERVICE}, bind=address).bind == address


@pytest.mark.parametrize(
    "address",
    [
        *("localhost", "nonsense", "", "*", "0", "127.1", "127.0.0.1:80", "0x7f.0.0.1", "eth0"),
        *(
            "127.0.0.01",
            "127.0.0.1\n",
            " 127.0.0.1",
            "[::1]",
            "0:0:0:0:0:0:0:1",
            "::FFFF",
            "::1%lo",
        ),
        *("::ffff:127.0.0.1", "fe80::1", "ff02::1", "224.0.0.1", "255.255.255.255", "10.0.0.0/8"),
    ],
)
def test_what_docker_would_take_for_every_address_is_refused(address: str):
    """Docker publishes on all interfaces where it cannot read an address."""
    assert refused(services={"shop": SERVICE}, bind=address).startswith("bind: ")


def test_a_moment_without_quotes_is_the_same_with_the_pulumi_cli():
    """The CLI hands a time of YAML over in other words than the file has."""
    services = {"shop": SERVICE}
    for written in ("2026-12-24T18:00:00Z", "2026-12-24 18:00:00 +0000 UTC"):
        settings = read_values(services=services, expires=written)
        assert settings.expires == "2026-12-24T18:00:00Z"


def test_secrets_of_two_services_that_would_be_one_are_refused():
    services = {
        "shop": {"source": "x", "path": "/x", "secret_environment": {"ADMIN_KEY": {}}},
        "shop-admin": {"source": "x", "path": "/y", "secret_environment": {"KEY": {}}},
    }
    said = refused(services=services)
    assert said.startswith("services.shop-admin.secret_environment.KEY: it cannot be told from")


@pytest.mark.parametrize("path", ["/", "/up/", "/live/", "/health?full=1&x=%20", "/a-b_c.d/~e"])
def test_any_path_may_tell_of_health(path: str):
    for said in (path, {"path": path}):
        settings = read_values(services={"shop": {**SERVICE, "health": said}})
        assert HealthCheck.of(settings.services["shop"].health).path == path


def test_two_services_whose_names_give_one_user_are_refused():
    """Each service could read the data of the other."""
    services = {"fx": SERVICE, "jc": {"source": "x", "path": "/x"}}
    said = refused(services=services)
    assert said.startswith("services.jc: jc and fx would run as one user (23456, ")
    assert said.endswith("another name")
    assert read_values(services={"fx": SERVICE}).services.keys() == {"fx"}


def test_two_services_cannot_share_a_route():
    services = {"one": SERVICE, "two": SERVICE}
    with pytest.raises(SettingsError, match=r"services\.two: the route / is taken by service one"):
        read_values(services=services)


def test_a_service_cannot_take_a_host_of_the_stack():
    services = {"one": {"source": "x", "hosts": ["localhost"]}}
    with pytest.raises(SettingsError, match="taken by the stack itself"):
        read_values(services=services)


def test_a_plain_setting_is_no_secret():
    """The value would stand in the settings file for all to read."""
    service = {**SERVICE, "secret_environment": {"TOKEN": {"setting": "token"}}}
    config = {"webstack:services": json.dumps({"shop": service}), "webstack:token": "hush"}
    assert read(config, {"webstack:token"}).services["shop"].secret_environment
    with pytest.raises(SettingsError, match="TOKEN: the setting token is not encrypted; run `web"):
        read(config, set())


def test_a_named_secret_setting_is_known():
    services = {
        "shop": {**SERVICE, "secret_environment": {"TOKEN": {"setting": "token", "serial": 2}}}
    }
    settings = read_values(services=services, token="hush")
    assert settings.services["shop"].secret_environment["TOKEN"].serial == 2


def unions(type_: Any, seen: set[Any]) -> Iterator[tuple[Any, ...]]:
    """Give all unions in a type, and in the structs below it."""
    if type_ in seen:
        return
    seen.add(type_)
    if get_origin(type_) in (Union, UnionType):
        yield get_args(type_)
    inner = (
        [field.type for field in msgspec.structs.fields(type_)]
        if isinstance(type_, type) and issubclass(type_, msgspec.Struct)
        else get_args(type_)
    )
    for each in inner:
        with contextlib.suppress(TypeError):  # what no type holds, such as a pattern
            yield from unions(each, seen)


def test_no_text_with_a_pattern_stands_beside_a_mapping():
    """Msgspec 0.22 frees memory of such a union twice: the program would die at its end."""
    found = list(unions(Settings, set()))
    assert len(found) > 10
    for options in found:
        limited = any(get_origin(option) is Annotated for option in options)
        assert not (limited and any(get_origin(option) is dict for option in options)), options
