"""The container that counts requests, and what it shares with nginx."""

from __future__ import annotations

import json

import pytest

from infra.model.proxy_containers import able_to_take_over
from infra.parts.assembly import parts_of
from infra.settings.reading import read
from infra.settings.sections import Settings, SettingsError
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
