"""The needs of services are known servers, fit together, and fit the number of connections."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from infra.settings import needs
from infra.settings.reading import read
from infra.settings.sections import Settings, SettingsError


def settings(services: dict[str, Any], secrets: tuple[str, ...] = (), **more: Any) -> Settings:
    bodies = {name: {"source": name, "path": f"/{name}", **body} for name, body in services.items()}
    texts = {"services": bodies, **more}
    config = {
        f"webstack:{key}": value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for key, value in texts.items()
    }
    return read(config, {f"webstack:{name}" for name in secrets})


def refusal(services: dict[str, Any], secrets: tuple[str, ...] = (), **more: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        settings(services, secrets, **more)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_stack_without_needs_runs_no_server():
    assert [*needs.servers(settings({"shop": {}}))] == []


def test_a_server_runs_where_it_is_needed_or_has_settings():
    needed = settings({"shop": {"needs": ["postgres", "valkey-broker"]}})
    assert [*needs.servers(needed)] == ["postgres", "valkey-broker"]
    assert [*needs.servers(settings({"shop": {}}, postgres={}))] == ["postgres"]
    assert needs.needing(needed, "postgres") == ["shop"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"needs": ["postgress"]}, "services.shop.needs: there is no postgress; it can be"),
        ({"needs": ["valkey", "valkey"]}, "services.shop.needs: valkey stands there twice"),
        (
            {"needs": ["postgres"], "environment": {"DATABASE_URL": "sqlite://"}},
            "services.shop.environment.DATABASE_URL: needs: [postgres] sets it",
        ),
        (
            {"needs": ["valkey"], "secret_environment": {"CACHE_URL": {}}},
            "services.shop.secret_environment.CACHE_URL: needs: [valkey] sets it",
        ),
        (
            {"needs": ["postgres"], "data": "/run/postgresql"},
            "services.shop.data: /run/postgresql has the socket of postgres",
        ),
        (
            {"needs": ["valkey"], "writable": {"/run/valkey": 16}},
            "services.shop.writable: /run/valkey has the socket of valkey",
        ),
    ],
)  # fmt: skip
def test_a_need_that_cannot_be_met_is_refused(body: dict[str, Any], told: str):
    assert refusal({"shop": body}).startswith(f"webstack:{told}")


@pytest.mark.parametrize("name", ["none", "public", "template0", "template1"])
def test_a_service_of_a_name_that_postgresql_reserves_gets_no_database(name: str):
    assert f"no database can be called {name}" in refusal({name: {"needs": ["postgres"]}})
    settings({name: {}})


def test_a_service_has_no_server_s_name_where_that_server_runs():
    assert "webstack:services.valkey:" in refusal({"valkey": {}, "shop": {"needs": ["valkey"]}})
    settings({"valkey": {}, "shop": {"needs": ["postgres"]}})


def test_connections_that_do_not_fit_are_refused_with_the_arithmetic():
    shop = {"needs": ["postgres"], "threads": 8, "workers": 3, "replicas": 2}
    blog = {"needs": ["postgres"], "threads": 1, "workers": 1}
    told = refusal({"shop": shop, "blog": blog, "other": {}})
    assert told.startswith("webstack:postgres.connections: 100 are fewer than the 103")
    assert "blog 1 threads x 1 workers x 1 replicas x 2 releases = 2; " in told
    assert "shop 8 threads x 3 workers x 2 replicas x 2 releases = 96; " in told
    assert "the stack itself 5" in told
    for enough in ({"connections": 103}, {"memory": 512}):
        settings({"shop": shop, "blog": blog}, postgres=enough)


def test_the_address_that_all_clients_read_is_set_once():
    body = {"needs": ["valkey"], "environment": {"REDIS_URL": "redis://elsewhere"}}
    settings({"shop": body})
    told = refusal({"shop": body}, valkey={"tcp": True})
    assert told.startswith("webstack:services.shop.environment.REDIS_URL: needs: [valkey] sets it")


def test_roles_of_a_service_have_pools_of_their_own():
    shop = {"needs": ["postgres"], "roles": {"mail": {"command": ["work"], "replicas": 3}}}
    found = {pool.service: pool.most for pool in needs.pools(settings({"shop": shop}))}
    assert found == {"shop": 4 * 2 * 1 * 2, "shop-mail": 4 * 1 * 3 * 2}


@pytest.mark.parametrize(
    ("postgres", "most"),
    [({}, 100), ({"memory": 1024}, 400), ({"memory": 8192}, 500), ({"connections": 20}, 20)],
)
def test_connections_follow_from_the_memory_unless_they_are_said(
    postgres: dict[str, Any], most: int
):
    found = settings({"shop": {}}, postgres=postgres).postgres
    assert found
    assert found.most_connections == most


def test_a_server_elsewhere_is_a_secret_setting_and_runs_nothing():
    postgres = {"setting": "database_url"}
    far = {"needs": ["postgres"], "outbound": True}
    found = settings(
        {"shop": far}, ("database_url",), postgres=postgres, database_url="postgresql://far/shop"
    )
    assert [*needs.servers(found)] == []
    assert "is not set" in refusal({"shop": far}, postgres=postgres)
    assert "is not encrypted" in refusal({"shop": far}, postgres=postgres, database_url="x")
    near = refusal({"shop": {"needs": ["postgres"]}}, ("database_url",), postgres=postgres,
                   database_url="x")  # fmt: skip
    assert "set outbound: true" in near


def test_packages_of_extensions_are_those_of_debian():
    found = settings({"shop": {}}, postgres={"extensions": ["vector", "pg_trgm"]}).postgres
    assert found
    assert found.packages == ("postgresql-17-pgvector",)
