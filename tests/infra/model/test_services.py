"""The container of a service gets its variables and its health check."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.model.services import health_check, release
from infra.model.specs import Image, one_of, url
from infra.settings.sections import Settings
from tests.infra.releases import STACK, made, services_of


def environment(**body: object) -> dict[str, str]:
    [release] = made(shop=body).releases
    return dict(release.replicas[0].container.environment)


def test_all_names_below_one_are_told_as_frameworks_write_them():
    told = environment(path="/", hosts=("shop.example.com", "*.shop.example.com"))
    assert told["ALLOWED_HOSTS"] == "localhost,127.0.0.1,shop.example.com,.shop.example.com"


@pytest.mark.parametrize(
    ("hosts", "asked"),
    [
        (("a.org", "*.a.org"), "a.org"),
        (("*.a.org", "a.org"), "a.org"),
        (("*.a.org",), "www.a.org"),
    ],
)
def test_a_service_is_asked_and_shown_by_a_host_that_is_one(hosts: tuple[str, ...], asked: str):
    settings = made(shop={"hosts": hosts}).settings
    assert one_of(hosts) == asked
    assert health_check(settings.services["shop"], settings).host == asked
    assert url(settings, "shop") == f"http://{asked}:8080/"


@pytest.mark.parametrize(
    ("kind", "debug", "given"),
    [("dev", True, True), ("dev", False, False), ("production", True, False)],
)
def test_a_debugger_is_there_in_development_alone(kind: str, debug: bool, given: bool):
    stack = replace(STACK, environment=kind)
    settings = Settings(services=services_of({"shop": {"path": "/"}}), debug=debug)
    found = release(stack, settings, "shop", Image("shop", "webstack/shop:1"), "python")
    told = found.replicas[0].container.environment.get("PYTHONBREAKPOINT")
    assert (told == "webstack_service.debugger.wait") is given
    assert (told is None) is not given
