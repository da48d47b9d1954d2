"""The container that counts requests, and what it shares with nginx."""

from __future__ import annotations

import json

import msgspec
import pytest
from meter import telling
from meter.rules import Rules

from infra.model.observe.metrics import VARIABLES
from infra.model.proxy_containers import able_to_take_over
from infra.parts.assembly import parts_of
from infra.settings.observe import Observe
from infra.settings.reading import read
from infra.settings.sections import Settings, SettingsError
from infra.settings.tls import Acme, Tls
from infra.settings.types import Secret
from proxy import paths
from tests.infra.releases import STACK, made_of, services_of

SHOP = services_of({"shop": {"path": "/"}})
WITHOUT, WITH = (made_of(Settings(services=SHOP, observe=said)) for said in (False, True))


def names(spec):
    return [each.resource for part in parts_of(STACK, spec, {}, {}) for each in part.containers]


def test_it_is_there_only_where_requests_are_counted():
    assert WITHOUT.metrics is None
    assert "metrics" not in names(WITHOUT)
    assert "access_log /run/webstack/requests" not in WITHOUT.plan.configuration
    assert names(WITH).index("metrics") < names(WITH).index(WITH.proxy.nginx_resource)
    assert "access_log /run/webstack/requests" in WITH.plan.configuration
    assert WITH.images["metrics"] == WITH.metrics.image.reference
    assert WITH.content != WITHOUT.content


def test_it_is_in_no_network_and_changes_nothing_of_nginx_but_what_it_has_read():
    container = WITH.metrics.container
    assert container.networks == ()
    assert container.published == ()
    assert container.read_only
    assert WITH.plan.others == {container.name: container.pids}
    written = {each.target for each in container.mounts if not each.read_only}
    shared = {each.target for each in WITH.proxy.nginx.mounts} & written
    assert shared == {paths.REQUESTS_DIRECTORY}


def test_what_it_shares_with_nginx_is_in_memory():
    volumes = [each for part in parts_of(STACK, WITH, {}, {}) for each in part.volumes]
    [stream] = [each for each in volumes if each.resource == "proxy-requests"]
    assert stream.memory_of == int(WITH.proxy.nginx.user.partition(":")[0])
    assert stream.memory == paths.REQUESTS_SIZE
    assert {stream.name, STACK.volume("metrics", "store")} <= WITH.volumes


def test_any_nginx_may_start_on_a_configuration_that_tells_requests():
    def can_write(containers):
        nginx = containers.nginx
        return {*nginx.tmpfs, *(each.target for each in nginx.mounts)} >= {paths.REQUESTS_DIRECTORY}

    assert can_write(WITH.proxy)
    assert can_write(WITHOUT.proxy)
    earlier = WITHOUT.proxy
    earlier.nginx.tmpfs.pop(paths.REQUESTS_DIRECTORY)
    assert not can_write(earlier)
    assert can_write(able_to_take_over(earlier))


@pytest.mark.parametrize(
    "entry",
    [
        {"webstack:services": {"metrics": {"source": "x", "path": "/"}}},
        {"webstack:stateful": {"metrics": {"image": "x:1", "port": 1, "health": ["x"]}}},
    ],
)
def test_its_name_is_taken(entry):
    services = {"webstack:services": {"shop": {"source": "x", "path": "/"}}}
    said = {**services, "webstack:observe": True, **entry}
    [kind] = entry
    with pytest.raises(SettingsError, match=rf"{kind}.metrics: .*give it another"):
        read({key: json.dumps(value) for key, value in said.items()}, set())


def watched(**said):
    return made_of(Settings(services=SHOP, observe=msgspec.convert(said, Observe)))


HOOK = {"webhook": {"setting": "hook"}, "heartbeat": {"setting": "beat"}}
MAIL = {"to": "a@b.c", "sender": "d@e.f", "server": "mail:25", "password": {"setting": "word"}}


def test_prometheus_reads_on_this_machine_alone_with_a_token_and_no_way_out():
    spec = watched(port=9464, token={"setting": "metrics_token"})
    container, network = spec.metrics.container, spec.metrics.network
    assert [(each.address, each.external) for each in container.published] == [("127.0.0.1", 9464)]
    assert container.networks == (network.name,)
    assert network.options == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    assert network in spec.networks
    assert container.secrets == {"METRICS_TOKEN": Secret(setting="metrics_token")}


def test_who_sends_alarms_has_a_network_of_its_own_and_its_addresses_are_secrets():
    spec = watched(alarms={**HOOK, "email": MAIL, "p95": 0.5})
    container = spec.metrics.container
    assert spec.metrics.network.options == {}
    assert {name: each.setting for name, each in container.secrets.items()} == {
        "ALARM_WEBHOOK": "hook",
        "ALARM_HEARTBEAT": "beat",
        "ALARM_PASSWORD": "word",
    }
    assert json.loads(container.environment["ALARM_EMAIL"]) == {
        name: MAIL[name] for name in ("to", "sender", "server")
    }
    assert Rules(**json.loads(container.environment["ALARM_RULES"])) == Rules(p95=0.5)
    [part] = [each for each in parts_of(STACK, spec, {}, {}) if each.component.name == "metrics"]
    assert {each.variable for each in part.secrets} == set(container.secrets)
    [own] = part.containers
    assert own.sealed


def test_the_bounds_of_alarms_are_those_of_the_one_that_counts():
    assert Rules(**json.loads(WITH.metrics.container.environment["ALARM_RULES"])) == Rules()
    assert {VARIABLES[f"alarms.{key}"] for key in ("webhook", "heartbeat")} < {
        *telling._ADDRESSES.values()
    }


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"port": 9464}, "port and token go together"),
        ({"token": {"setting": "x"}}, "port and token go together"),
        ({"port": 8080, "token": {"setting": "x"}}, "is a port of the proxy"),
        ({"alarms": {"errors": 101}}, "observe.alarms.errors"),
        ({"alarms": {"webhook": "https://x"}}, "observe.alarms.webhook"),
    ],
)
def test_settings_that_do_not_fit_are_refused(said, words):
    values = {"services": {"shop": {"source": "x", "path": "/"}}, "observe": said}
    config = {f"webstack:{key}": json.dumps(value) for key, value in values.items()}
    given = config | ({"webstack:x": "word"} if "token" in said else {})
    with pytest.raises(SettingsError, match=words):
        read(given, {"webstack:x"})


@pytest.mark.parametrize(("encrypted", "words"), [(True, ""), (False, "observe.token: .*secret")])
def test_what_it_names_is_a_secret_setting(encrypted, words):
    said = {"port": 9464, "token": {"setting": "metrics_token"}}
    values = {"services": {"shop": {"source": "x", "path": "/"}}, "observe": said}
    config = {f"webstack:{key}": json.dumps(value) for key, value in values.items()}
    config["webstack:metrics_token"] = "word"
    if encrypted:
        assert read(config, {"webstack:metrics_token"}).observed.port == 9464
    else:
        with pytest.raises(SettingsError, match=words):
            read(config, set())


def test_a_certificate_that_the_stack_orders_is_looked_at():
    tls = Tls(mode="acme", acme=Acme(directory="https://ca.test/dir"))
    spec = made_of(Settings(services=SHOP, observe=True, tls=tls))
    [read_there] = [
        each for each in spec.metrics.container.mounts if each.target.endswith("certificates")
    ]
    assert read_there.read_only
    [part] = [each for each in parts_of(STACK, spec, {}, {}) if each.component.name == "metrics"]
    assert read_there.volume in part.uses
