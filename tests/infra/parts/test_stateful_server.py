"""A server of any image is a part before the services that need it, and shares its secret."""

from __future__ import annotations

from typing import Any

from infra.testing import Declare

SEARCH = {
    "image": "search@sha256:" + "0" * 64,
    "port": 7700,
    "health": ["ask"],
    "volumes": {"data": "/keep"},
    "secret_files": {"KEY": {}},
}


def stack_of(declare: Declare, dev_services: dict[str, Any]) -> Any:
    shop = {
        **dev_services["shop"],
        "needs": ["search"],
        "secret_environment": {"KEY": {"of": "search.KEY"}},
    }
    return declare(
        services={"shop": shop, "wiki": dev_services["wiki"]}, stateful={"search": SEARCH}
    )


def test_it_is_declared_with_its_network_volumes_image_and_secret(
    declare: Declare, dev_services: dict[str, Any]
):
    stack = stack_of(declare, dev_services)
    [server] = stack.of_type("Container").where(name="webstack-dev-search")
    [joined] = server.get("networksAdvanced")
    assert joined["aliases"] == ["search"]
    assert joined["name"] in {each.get("name") for each in stack.of_type("Network")}
    assert server.get("start") is False
    assert stack.of_type("RemoteImage").where(name=SEARCH["image"])
    protected = {each.name: each.protect for each in stack.of_type("Volume")}
    assert protected["search-data"] is True
    assert not protected["search-secrets"]
    assert "search-key" in stack.of_type("GeneratedSecret").names
    [provision] = stack.of_type("Provision")
    assert provision.get("ready")["command"] == ["ask"]
    assert [*provision.get("files")] == ["/run/secrets/KEY"]


def test_services_that_need_it_wait_until_it_is_ready(
    declare: Declare, dev_services: dict[str, Any], requests: list[Any]
):
    stack = stack_of(declare, dev_services)

    def waits_for(service: str) -> set[str]:
        [container] = stack.of_service(service)
        [request] = [each for each in requests if each.name == container.name]
        return {urn.rpartition("::")[2] for urn in request.dependencies}

    assert "search-provision" in waits_for("shop")
    assert "search-provision" not in waits_for("wiki")
    [shop] = stack.of_service("shop")
    assert not [line for line in shop.get("envs") if line.startswith("KEY=") and type(line) is str]
