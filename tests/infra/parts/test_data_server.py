"""A data server is a part that outlasts releases, and services wait until it is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra.parts.assembly import parts_of
from infra.parts.data_server import DataServerPart
from infra.parts.part import Part
from infra.testing import Declare
from tests.infra.releases import STACK, made
from webstack.contract.variables import DATA_FIRST

NEEDY = {"path": "/", "needs": ("postgres", "valkey", "valkey-broker")}


def parts(**services: Any) -> list[Part]:
    return parts_of(STACK, made(**services), {}, {})


def test_it_comes_first_and_outlasts_releases():
    first = parts(shop=NEEDY)[:3]
    assert [part.component.name for part in first] == ["postgres", "valkey", "valkey-broker"]
    assert all(isinstance(part, DataServerPart) and part.outlasts_releases for part in first)


def test_what_it_keeps_is_protected_and_its_socket_is_in_memory():
    postgres, valkey, _ = parts(shop=NEEDY)[:3]
    found = {each.resource: (each.protect, each.memory_of) for each in postgres.volumes}
    assert found == {
        "postgres-sockets": (False, 10200),
        "postgres-data": (True, None),
        "postgres-backups": (True, None),
    }
    assert [each.resource for each in valkey.volumes] == ["valkey-sockets"]


def test_a_service_uses_the_sockets_of_what_it_needs():
    found = {part.component.name: part for part in parts(shop=NEEDY, blog={"path": "/blog"})}
    assert set(found["shop"].uses) == {
        f"webstack-dev-{STACK.volume(name, 'sockets').removeprefix('webstack-dev-')}"
        for name in NEEDY["needs"]
    }
    assert found["blog"].uses == ()


def test_services_wait_for_what_they_need_to_be_ready(
    declare: Declare, dev_services: dict[str, Any], requests: list[Any]
):
    shop = {**dev_services["shop"], "needs": ["postgres"], "environment": {}}
    stack = declare(services={"shop": shop, "wiki": dev_services["wiki"]})

    def waits_for(service: str) -> set[str]:
        [container] = stack.of_service(service)
        [request] = [each for each in requests if each.name == container.name]
        return {urn.rpartition("::")[2] for urn in request.dependencies}

    assert "postgres-provision" in waits_for("shop")
    assert "postgres-provision" not in waits_for("wiki")
    [provision] = stack.of_type("Provision")
    assert provision.get("container") == "webstack-dev-postgres"
    assert provision.get("commands")[0][0] == "webstack-provision"


def test_a_stack_without_needs_declares_nothing_of_it(declare: Callable[..., Any]):
    stack = declare()
    assert stack.of_type("Provision") == ()
    assert stack.of_type("DataServer") == ()
    assert set(stack.of_type("Image").names) == {"shop", "wiki", "proxy"}


def test_where_data_comes_first_nothing_runs_that_uses_it(
    declare: Declare, dev_services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    """Secrets of the rest are declared all the same: they were there before, and would go."""
    monkeypatch.setenv(DATA_FIRST, "1")
    shop = {**dev_services["shop"], "needs": ["postgres"], "environment": {}}
    stack = declare(services={"shop": shop})
    roles = {each.labels["webstack.role"] for each in stack.of_type("Container")}
    assert roles == {"postgres"}
    assert {"postgres-data", "shop-data"} <= set(stack.of_type("Volume").names)
    assert "shop-sockets" not in stack.of_type("Volume").names
    assert set(stack.of_type("GeneratedSecret").names) == {
        "postgres-backup-key",
        "shop-secret-key",
    }
    assert stack.of_type("Release") == ()
