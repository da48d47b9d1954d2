"""A promoted release has the images of another stack and the settings of its own."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from infra.base_images import BaseNames
from infra.settings.sections import Settings
from infra.testing import Declarations, Declare
from webstack.contract.variables import PROMOTING

BASE = BaseNames.of(Settings(services={}).debian).python
IMAGES = {
    "shop": "webstack/shop:00112233aabb",
    "wiki": "webstack/wiki:00112233aabb",
    "proxy": "webstack/proxy:00112233aabb",
    "python": BASE,
}


@pytest.fixture
def promoted(declare: Declare, monkeypatch: pytest.MonkeyPatch):
    """Declare production with images of staging."""

    def run(images: dict[str, str] = IMAGES, whole: bool = False, **settings: Any) -> Declarations:
        told = {"stack": "staging", "images": images, "commit": "abc", "clean": True}
        told |= {"whole": True} if whole else {}
        monkeypatch.setenv(PROMOTING, json.dumps(told))
        return declare("production", **settings)

    return run


def test_its_images_are_taken_as_they_are_and_nothing_is_built(promoted):
    stack = promoted()
    assert {each.get("image") for each in stack.of_service("shop")} == {IMAGES["shop"]}
    assert [each.get("image") for each in stack.of_service("proxy")] == [IMAGES["proxy"]]
    assert not stack.of_type("Image")
    assert {each.get("made") for each in stack.of_type("BaseImage")} == {False}


def test_its_settings_are_its_own(promoted):
    stack = promoted(port=8099)
    assert stack.named("proxy-holder-8099").get("ports")[0]["external"] == 8099
    assert len(stack.of_service("shop")) == 2
    assert stack.named("release").get("commit") == "abc"


def test_another_base_image_is_refused(promoted):
    with pytest.raises(pulumi.RunError, match="staging runs on the base image webstack/python:old"):
        promoted({**IMAGES, "python": "webstack/python:old"})


def test_a_service_that_the_other_stack_does_not_run_is_named(promoted):
    images = {name: image for name, image in IMAGES.items() if name != "wiki"}
    with pytest.raises(pulumi.RunError, match="staging runs no wiki; deploy staging first"):
        promoted(images)


def test_a_bundle_has_the_images_of_servers_too_and_none_is_built_or_pulled(promoted):
    images = {
        **IMAGES,
        "valkey": "webstack/valkey:00112233aabb",
        "search": "webstack/search:00112233aabb",
    }
    search = {"image": "x.example/search:1", "port": 1, "health": ["true"]}
    stack = promoted(images, whole=True, valkey={}, stateful={"search": search})
    assert {each.get("image") for each in stack.of_service("search")} == {images["search"]}
    assert not stack.of_type("Image")
    assert not stack.of_type("RemoteImage")


def test_what_a_bundle_lacks_is_named(promoted):
    with pytest.raises(pulumi.RunError, match="staging runs no valkey; make a bundle of a stack"):
        promoted(whole=True, valkey={})
    with pytest.raises(pulumi.RunError, match="take the project that is in it"):
        promoted({**IMAGES, "python": "webstack/python:old"}, whole=True)


def test_a_server_that_the_other_stack_runs_just_so_is_not_built(promoted):
    built = promoted(valkey={})
    [image] = built.of_type("Image")
    assert not promoted({**IMAGES, "valkey": image.get("imageName")}, valkey={}).of_type("Image")
    other = {**IMAGES, "valkey": "webstack/valkey:00112233aabb"}
    assert [each.name for each in promoted(other, valkey={}).of_type("Image")] == [image.name]
