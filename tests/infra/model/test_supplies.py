"""What a service gets of what it needs: sockets and addresses, and no password."""

from __future__ import annotations

from typing import Any

from infra.model.specs import Container
from infra.model.supplies import supplies
from infra.settings.data_servers import Postgres
from infra.settings.sections import Service, Settings
from infra.settings.types import Secret
from tests.infra.releases import STACK, made


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
