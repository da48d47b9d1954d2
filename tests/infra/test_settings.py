"""Settings are read once; what is wrong is said in one line that names the key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.settings import Settings, SettingsError, read

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
    """A request that may take two minutes is not cut off by a release."""
    services = {
        "usual": SERVICE,
        "slow": {"source": "x", "path": "/x", "timeout": 120},
        "told": {"source": "x", "path": "/y", "timeout": 120, "grace": 8},
    }
    settings = read_values(services=services)
    assert settings.services["usual"].grace_time == 30
    assert settings.services["slow"].grace_time == 120
    assert settings.services["told"].grace_time == 8


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ({"replica": 1}, "services.shop.replica: unknown setting; did you mean replicas?"),
        ({"replicas": 0}, "services.shop.replicas: expected `int` >= 1"),
        ({"replicas": "two"}, "services.shop.replicas: expected `int`, got `str`"),
        ({"path": "shop"}, "services.shop.path: expected a path such as / or /shop"),
        ({"hosts": ["a b"]}, "services.shop.hosts[0]: expected a host name such as"),
        ({"source": None}, "services.shop.source: expected `str`, got `null`"),
        ({"environment": {"PORT": 1}}, "services.shop.environment.*: expected `str`, got `int`"),
        ({"path": None}, "services.shop: no route; set path, hosts, or both"),
        (
            {"secret_environment": {"TOKEN": {"setting": "token"}}},
            "services.shop.secret_environment.TOKEN: the setting token is not set",
        ),
    ],
)
def test_a_wrong_service_is_named_with_its_key(service: dict[str, Any], message: str):
    with pytest.raises(SettingsError) as caught:
        read_values(services={"shop": {**SERVICE, **service}})
    assert str(caught.value).startswith(f"webstack:{message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"prot": 1}, "prot: unknown setting; did you mean port?"),
        ({"port": "http"}, "port: expected `int`, got `str`"),
        ({"port": 70000}, "port: expected `int` <= 65535"),
        ({"proxy": {"memroy": 1}}, "proxy.memroy: unknown setting; did you mean memory?"),
        ({"services": {}}, "services: expected at least one service"),
        ({"services": {"Shop!": SERVICE}}, "services.Shop!: expected a name of small letters"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, Any], message: str):
    with pytest.raises(SettingsError) as caught:
        read_values(**{"services": {"shop": SERVICE}, **values})
    assert str(caught.value).startswith(f"webstack:{message}")


def test_two_services_cannot_share_a_route():
    services = {"one": SERVICE, "two": SERVICE}
    with pytest.raises(SettingsError, match=r"services\.two: the route / is taken by service one"):
        read_values(services=services)


def test_a_service_cannot_take_a_host_of_the_stack():
    services = {"one": {"source": "x", "hosts": ["localhost"]}}
    with pytest.raises(SettingsError, match="taken by the stack itself"):
        read_values(services=services)


def test_a_named_secret_setting_is_known():
    services = {
        "shop": {**SERVICE, "secret_environment": {"TOKEN": {"setting": "token", "serial": 2}}}
    }
    settings = read_values(services=services, token="hush")
    assert settings.services["shop"].secret_environment["TOKEN"].serial == 2
