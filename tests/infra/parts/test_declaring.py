"""Every part becomes resources in one way, and the parts of today keep their URNs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

import infra.stack
import infra.testing
from infra.model.specs import Container, Health
from infra.parts.part import Component, Part, PartContainer, PartSecret, PartVolume
from infra.settings.types import Secret
from infra.testing import Declare
from tests.infra.releases import STACK

STACK_TYPE = "pulumi:pulumi:Stack"
PARENTS = {
    "webstack:image:BaseImages::base": STACK_TYPE,
    "webstack:network:Networks::networks": STACK_TYPE,
    "webstack:service:WebService::shop": STACK_TYPE,
    "webstack:proxy:ReverseProxy::proxy": STACK_TYPE,
    "pulumi-python:dynamic/webstack:Identity::stack": STACK_TYPE,
    "pulumi-python:dynamic/webstack:Release::release": STACK_TYPE,
    "webstack:image:ServiceImage::shop": "webstack:service:WebService::shop",
    "docker:index/container:Container::shop-0-HASH": "webstack:service:WebService::shop",
    "docker:index/container:Container::shop-0-HASH-relay": "webstack:service:WebService::shop",
    "docker:index/volume:Volume::shop-data": "webstack:service:WebService::shop",
    "docker:index/volume:Volume::shop-sockets": "webstack:service:WebService::shop",
    "pulumi-python:dynamic/webstack:GeneratedSecret::shop-secret-key": (
        "webstack:service:WebService::shop"
    ),
    "docker:index/image:Image::shop": "webstack:image:ServiceImage::shop",
    "webstack:image:ServiceImage::proxy": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/image:Image::proxy": "webstack:image:ServiceImage::proxy",
    "docker:index/container:Container::nginx-HASH": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/container:Container::proxy-holder-8080": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/volume:Volume::proxy-configuration": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/volume:Volume::proxy-front": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/volume:Volume::proxy-links": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/volume:Volume::proxy-log": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/volume:Volume::proxy-spool": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/volume:Volume::proxy-static": "webstack:proxy:ReverseProxy::proxy",
    "docker:index/network:Network::edge-HASH": "webstack:network:Networks::networks",
    "docker:index/network:Network::internal-HASH": "webstack:network:Networks::networks",
}


def plain(type_: str, name: str) -> str:
    """Give type and name, without the hash of a content."""
    if type_ == STACK_TYPE:
        return type_
    return f"{type_}::{re.sub(r'-[0-9a-f]{8}(?![0-9a-z])', '-HASH', name)}"


def parent_of(request: Any) -> str:
    types, _, name = request.parent.rpartition("::")
    return plain(types.rpartition("::")[2].rpartition("$")[2], name)


def test_what_a_stack_made_before_has_keeps_its_type_its_name_and_its_parent(
    declare: Declare, dev_services: dict[str, Any], requests: list[Any]
):
    """Pulumi would make a resource with another URN anew, and delete the data of the old one."""
    declare(services={"shop": {**dev_services["shop"], "port": 9000}})
    found = {
        plain(each.type, each.name): parent_of(each) for each in requests if each.type != STACK_TYPE
    }
    bases = {name for name in found if ":BaseImage::" in name}
    before = ("debian-base", "python-base", "python-build-base")
    assert bases > {f"pulumi-python:dynamic/webstack:BaseImage::{name}" for name in before}
    assert {name: found[name] for name in found if name not in bases} == PARENTS


@dataclass(frozen=True)
class Worker(Part):
    """A part of another kind: it has no route, and nobody waits for it."""

    component: Component = Component("webstack:worker:Worker", "mailer")  # noqa: RUF009 - frozen
    volumes: tuple[PartVolume, ...] = (PartVolume("mailer-queue", "webstack-dev-mailer-queue"),)
    uses: tuple[str, ...] = (STACK.volume("shop", "data"),)
    secrets: tuple[PartSecret, ...] = (PartSecret(Secret(), "mailer-token", "TOKEN"),)
    containers: tuple[PartContainer, ...] = (
        PartContainer(
            "mailer-0a1b2c3d",
            Container(
                "webstack-dev-mailer",
                "webstack/python:0a1b2c3d4e5f",
                "20001:20001",
                cpus=1,
                memory=64,
                pids=32,
                grace=10,
                health=Health(("CMD", "true")),
            ),
            sealed=True,
        ),
    )


def test_a_part_of_another_kind_is_one_more_value(
    declare: Declare, requests: list[Any], monkeypatch: pytest.MonkeyPatch
):
    parts_of = infra.stack.parts_of
    monkeypatch.setattr(infra.stack, "parts_of", lambda *given: [*parts_of(*given), Worker()])
    stack = declare()
    assert "TOKEN=generated" in stack.named("mailer-0a1b2c3d").get("envs")
    request = next(each for each in requests if each.name == "mailer-0a1b2c3d")
    assert parent_of(request) == "webstack:worker:Worker::mailer"
    needs = {urn.rpartition("::")[2] for urn in request.dependencies}
    assert {"python-base", "mailer-queue", "shop-data"} <= needs
    [release] = [each for each in requests if each.name == "release"]
    assert request.name in {urn.rpartition("::")[2] for urn in release.dependencies}
    assert "mailer" not in stack.named("release").get("services")


def test_of_several_images_of_one_source_the_first_is_built_before_the_others(
    declare: Declare, requests: list[Any]
):
    """Builds that begin at once would find no layers of each other."""
    declare()
    waits = {
        each.name: {urn.rpartition("::")[2] for urn in each.dependencies if ":Image::" in urn}
        for each in requests
        if each.type == "docker:index/image:Image"
    }
    assert waits["wiki"] == {"shop"}
    assert waits["shop"] == set()
    assert waits["proxy"] == set()
