"""The servers that keep data are in no network, have few rights, and have names that stay."""

from __future__ import annotations

from typing import Any

import pytest

from infra.model.data_servers import (
    FOLDERS,
    USERS,
    DataServer,
    build_arguments,
    data_servers,
    volume_names,
)
from infra.model.specs import Image
from infra.settings.data_servers import Postgres, Valkey, ValkeyBroker
from infra.settings.files import ROOT
from infra.settings.sections import Service, Settings
from infra.settings.users import user_id
from tests.infra.releases import STACK

ALL = ("postgres", "valkey", "valkey-broker")


def servers(*needs: str, **settings: Any) -> dict[str, DataServer]:
    shop = Service(source="shop", path="/", needs=needs)
    wanted = Settings(services={"shop": shop}, **settings)
    found = data_servers(STACK, wanted, lambda name: Image(name, f"webstack/{name}:0123456789ab"))
    return {each.name: each for each in found}


def test_none_is_made_where_none_is_needed():
    assert servers() == {}


@pytest.mark.parametrize("name", ALL)
def test_a_server_has_a_name_that_stays_no_network_and_no_more_than_it_needs(name: str):
    made = servers(*ALL)[name].container
    assert made.name == f"webstack-dev-{name}"
    assert made.networks == ()
    assert made.published == ()
    assert made.read_only
    assert made.dropped_capabilities == ("ALL",)
    assert made.user == f"{USERS[name]}:{USERS[name]}"
    assert made.environment.keys() <= {"MALLOC_CONF"}
    assert made.secrets == {}
    assert all(made.command or ())
    assert made.health
    assert all(f"uid={USERS[name]}" in options for options in made.tmpfs.values())
    assert {mount.volume for mount in made.mounts} == {*volume_names(STACK, name).values()}


@pytest.mark.parametrize("name", ALL)
def test_the_label_of_its_content_changes_with_whatever_it_is_made_of(name: str):
    def labelled(**settings: Any) -> str:
        return servers(*ALL, **settings)[name].container.labels["webstack.content"]

    changed = {
        "postgres": Postgres(memory=512),
        "valkey": Valkey(memory=128),
        "valkey_broker": ValkeyBroker(memory=256),
    }
    key = name.replace("-", "_")
    assert labelled() == labelled(
        **{other: each for other, each in changed.items() if other != key}
    )
    assert labelled() != labelled(**{key: changed[key]})


def test_each_service_that_needs_postgresql_is_provided_for_and_none_restarts_it():
    one = servers("postgres")["postgres"]
    [provide] = one.commands
    assert provide[0] == "webstack-provision"
    assert provide[3:] == (f"shop:{user_id('shop')}",)
    nobody = servers(postgres=Postgres(extensions=("vector",)))["postgres"]
    assert nobody.commands[0][2:] == ("vector",)
    assert nobody.container == one.container


def test_a_cache_forgets_and_a_queue_does_not():
    found = servers("valkey", "valkey-broker")
    cache, queue = (found[name].container.command or () for name in ("valkey", "valkey-broker"))
    for option, forgets, keeps in (
        ("--maxmemory-policy", "allkeys-lru", "noeviction"),
        ("--appendonly", "no", "yes"),
        ("--maxmemory", "28mb", "64mb"),
        ("--port", "0", "0"),
    ):
        assert cache[cache.index(option) + 1] == forgets
        assert queue[queue.index(option) + 1] == keeps


def test_every_process_of_a_full_postgresql_fits_its_limit():
    made = servers(postgres=Postgres(connections=300))["postgres"].container
    assert made.pids > 300


def test_images_are_made_of_folders_of_the_project():
    for folder in FOLDERS.values():
        assert (ROOT / folder / "Dockerfile").is_file()
    settings = Settings(services={}, postgres=Postgres(extensions=("vector", "postgis")))
    arguments = build_arguments(settings, "postgres", "webstack/python:1")
    assert arguments["PYTHON"] == "webstack/python:1"
    assert arguments["EXTENSIONS"] == "postgresql-17-pgvector postgresql-17-postgis-3"
    plain = Settings(services={}, postgres=Postgres(extensions=("pg_trgm",)))
    assert "EXTENSIONS" not in build_arguments(plain, "postgres", "webstack/python:1")
