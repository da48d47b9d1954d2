"""Servers of any image are hardened, have a network of their own, and carry all as labels."""

from __future__ import annotations

from typing import Any

from infra.model.services import release
from infra.model.specs import Container, Image
from infra.model.stateful import network, stateful_networks, stateful_servers
from infra.settings.sections import Service, Settings
from infra.settings.stateful import Stateful
from infra.settings.types import Secret
from infra.settings.users import user_id
from tests.infra.releases import STACK


def settings(server: dict[str, Any], **shop: Any) -> Settings:
    wanted = Stateful(**{"port": 7700, "health": ("ask",), "image": "search:1", **server})
    service = Service(source="shop", path="/", **shop)
    return Settings(services={"shop": service}, stateful={"search": wanted})


def made(**server: Any) -> Container:
    [found] = stateful_servers(STACK, settings(server), lambda name: Image(name, "search:1"))
    return found.container


def served(wanted: Settings) -> Container:
    found = release(STACK, wanted, "shop", Image("shop", "shop:1"), "python:1")
    return found.replicas[0].container


def test_it_keeps_its_name_and_has_no_more_than_it_needs():
    container = made(volumes={"data": "/keep"}, secret_files={"KEY": Secret()})
    assert container.name == "webstack-dev-search"
    assert container.user == f"{user_id('search')}:{user_id('search')}"
    assert made(user=999).user == "999:999"
    assert container.networks == (network(STACK, "search").name,)
    assert container.aliases == ("search",)
    assert container.published == ()
    assert container.read_only
    assert container.started_by_release
    assert container.health
    assert container.health.test == ("CMD", "ask")
    volumes = {mount.target: mount.volume for mount in container.mounts}
    assert volumes == {
        "/keep": "webstack-dev-search-data",
        "/run/secrets": "webstack-dev-search-secrets",
    }
    assert container.secrets == {}


def test_its_network_leads_nowhere():
    [own] = stateful_networks(STACK, settings({}))
    assert own.internal
    assert own.options == {"com.docker.network.bridge.inhibit_ipv4": "true"}


def test_the_label_of_its_content_changes_with_its_secrets_too():
    def label(**server: Any) -> str:
        return made(**server).labels["webstack.content"]

    first = label(secret_files={"KEY": Secret()})
    assert first == label(secret_files={"KEY": Secret()})
    assert first != label(secret_files={"KEY": Secret(serial=2)})
    assert label() != label(memory=512)
    assert label() != label(secret_environment={"KEY": Secret()})


def test_only_a_service_that_needs_it_is_in_its_network_and_is_told_where_it_is():
    plain, needing = served(settings({})), served(settings({}, needs=("search",)))
    assert plain.networks == ()
    assert needing.networks == (network(STACK, "search").name,)
    assert needing.environment["SEARCH_HOST"] == "search"
    assert needing.environment["SEARCH_PORT"] == "7700"
    assert "SEARCH_HOST" not in plain.environment


def test_a_service_rolls_when_the_secret_that_it_shares_is_rotated():
    def rolled(serial: int) -> str:
        server = {"secret_environment": {"KEY": Secret(serial=serial)}}
        shop = {"needs": ("search",), "secret_environment": {"KEY": Secret(of="search.KEY")}}
        return served(settings(server, **shop)).name

    assert rolled(1) == rolled(1) != rolled(2)
