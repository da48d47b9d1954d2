"""Logs are asked for by service, by role, or by part of the stack."""

from __future__ import annotations

import pytest

from webstack.cli.daemon.log_reader import LogReader

SHOP = {"webstack.service": "shop", "webstack.role": "service"}
WORKER = {
    "webstack.service": "shop",
    "webstack.role": "background",
    "webstack.background": "shop-worker",
}
NGINX = {"webstack.role": "proxy"}


class Docker:
    """A stack of three containers."""

    labels = ("webstack.stack=dev",)

    def __init__(self) -> None:
        self.api = self

    def containers(self, **_: object) -> list[dict[str, object]]:
        each = {"shop-0": SHOP, "shop-worker-0": WORKER, "nginx": NGINX}
        return [{"Id": name, "Names": [f"/{name}"], "Labels": each[name]} for name in each]


def chosen(*services: str) -> list[str]:
    reader = LogReader(Docker(), "p", "dev", services)  # type: ignore[arg-type]
    return [each["name"] for each in reader._containers()]


@pytest.mark.parametrize(
    ("services", "containers"),
    [
        ((), ["shop-0", "shop-worker-0", "nginx"]),
        (("shop",), ["shop-0", "shop-worker-0"]),
        (("shop-worker",), ["shop-worker-0"]),
        (("proxy",), ["nginx"]),
    ],
)
def test_a_service_has_the_logs_of_its_roles(services: tuple[str, ...], containers: list[str]):
    assert chosen(*services) == containers


def test_the_names_are_those_of_services_roles_and_parts():
    reader = LogReader(Docker(), "p", "dev", ())  # type: ignore[arg-type]
    assert reader.sources() == {"shop", "shop-worker", "proxy"}
