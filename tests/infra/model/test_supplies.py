"""A service gets sockets and addresses of what it needs, and no password."""

from __future__ import annotations

from typing import Any

from infra.model.specs import Container
from infra.model.supplies import supplies
from infra.settings.data_servers import Postgres, Valkey, ValkeyBroker
from infra.settings.roles import Celery, Role
from infra.settings.sections import Service, Settings
from infra.settings.types import Secret
from tests.infra.releases import STACK, made, made_of, services_of


def container(**body: Any) -> Container:
    return made(shop={"path": "/", **body}).releases[0].replicas[0].container


def test_a_service_without_needs_is_what_it_was():
    assert supplies(STACK, made().settings, "shop") == supplies(
        STACK, Settings(services={"shop": Service(source="shop", path="/")}), "shop"
    )
    plain = container()
    assert plain == container(needs=())
    assert not {"DATABASE_URL", "CACHE_URL", "DATABASE_POOL"} & plain.environment.keys()


def test_its_database_is_known_by_its_own_name_and_the_user_of_its_processes():
    shop = container(needs=("postgres",), threads=7)
    assert shop.environment["DATABASE_URL"] == "postgresql://shop@/shop?host=/run/postgresql"
    assert shop.environment["DATABASE_POOL"] == "7"
    [socket] = [mount for mount in shop.mounts if mount.target == "/run/postgresql"]
    assert (socket.volume, socket.read_only) == ("webstack-dev-postgres-sockets", True)
    assert shop.networks == ()


def test_a_cache_and_a_queue_are_two_and_only_what_is_needed_is_mounted():
    shop = container(needs=("valkey", "valkey-broker"))
    assert shop.environment["CACHE_URL"] == "unix:///run/valkey/valkey.sock"
    assert shop.environment["BROKER_URL"] == "redis+socket:///run/valkey-broker/valkey.sock"
    targets = {mount.target for mount in shop.mounts}
    assert {"/run/valkey", "/run/valkey-broker"} < targets
    assert "/run/postgresql" not in targets
    assert "DATABASE_POOL" not in shop.environment


def test_the_address_of_a_server_elsewhere_is_a_secret():
    service = Service(source="shop", path="/", needs=("postgres",), outbound=True)
    settings = Settings(services={"shop": service}, postgres=Postgres(setting="database_url"))
    given = supplies(STACK, settings, "shop")
    assert given.secrets == {"DATABASE_URL": Secret(setting="database_url")}
    assert given.mounts == ()
    assert "DATABASE_URL" not in given.environment


def test_one_address_by_tcp_serves_every_client_and_celery():
    shop = {"path": "/", "needs": ("valkey", "valkey-broker")}
    stack = made_of(
        Settings(
            services=services_of({"shop": shop, "other": {"path": "/other"}}),
            valkey=Valkey(tcp=True),
            valkey_broker=ValkeyBroker(tcp=True),
        )
    )
    other, container = (each.replicas[0].container for each in stack.releases)
    broker = "redis://webstack-dev-valkey-broker:6379/0"
    assert container.environment["BROKER_URL"] == container.environment["REDIS_URL"] == broker
    assert container.environment["CACHE_URL"] == "redis://webstack-dev-valkey:6379/0"
    servers = {each.name: each.container for each in stack.servers}
    assert {*container.networks} == {name for each in servers.values() for name in each.networks}
    assert other.networks == ()
    joined = [each for each in stack.networks if each.name in container.networks]
    assert len(joined) == 2
    assert all(each.internal for each in joined)


def test_without_tcp_there_is_no_network():
    stack = made(shop={"path": "/", "needs": ("valkey-broker",)})
    assert len(stack.networks) == 2
    assert "REDIS_URL" not in stack.releases[0].replicas[0].container.environment


def test_results_are_beside_the_tasks_by_tcp_too():
    roles = {"jobs": Role(celery=Celery(app="shop"))}
    shop = {"path": "/", "needs": ("valkey-broker",), "roles": roles}
    wanted = Settings(services=services_of({"shop": shop}), valkey_broker=ValkeyBroker(tcp=True))
    stack = made_of(wanted)
    found = stack.releases[0].replicas[0].container.environment
    assert found["CELERY_RESULT_BACKEND"] == "redis://webstack-dev-valkey-broker:6379/1"
