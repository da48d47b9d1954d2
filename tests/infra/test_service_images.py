"""The names of images follow all that makes them, and one image may serve several services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.model.specs import Image, Stack
from infra.service_images import images
from infra.settings.sections import Service, Settings, SettingsError
from infra.testing import Declare
from tests.infra.releases import BASE

DOCKERFILE = "FROM scratch\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("shop/docker", "proxy"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("shop/Dockerfile", "shop/docker/Other", "proxy/Dockerfile", "shared.txt"):
        (tmp_path / file).write_text(DOCKERFILE)
    return tmp_path


def made(root: Path, **body: Any) -> Image:
    shop = Service(path="/", **{"source": "shop", **body})
    stack = Stack("p", "dev", str(root), "dev")
    return images(stack, Settings(services={"shop": shop}), BASE)["shop"]


@pytest.mark.parametrize(
    "body",
    [
        {"dockerfile": "docker/Other"},
        {"target": "production"},
        {"build_args": {"A": "1"}},
        {"context": "."},
    ],
)
def test_the_name_follows_all_that_makes_it(root: Path, body: dict[str, Any]):
    (root / "shop/docker/Other").write_text("FROM scratch AS other\n")
    assert made(root, **body).reference != made(root).reference
    assert made(root, **body).reference == made(root, **body).reference


def test_a_build_knows_its_folder_its_dockerfile_and_its_stage(root: Path):
    build = made(root, context=".", dockerfile="docker/Other", target="x").build
    assert build
    assert (build.context, build.dockerfile, build.target) == (".", "shop/docker/Other", "x")
    plain = made(root).build
    assert plain
    assert (plain.context, plain.dockerfile, plain.target) == ("shop", None, None)


def test_a_file_of_the_context_is_part_of_the_image(root: Path):
    before = made(root, context=".").reference
    (root / "shared.txt").write_text("other")
    assert made(root, context=".").reference != before
    assert made(root).reference == made(root).reference


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"source": "none"}, "source: none has no Dockerfile; name a folder"),
        ({"dockerfile": "none"}, "dockerfile: shop has no file none; name one"),
        ({"context": "../.."}, "context: ../.. lies outside of the project"),
        ({"context": "none"}, "context: none is no folder; name one of the project"),
    ],
)
def test_what_cannot_be_built_is_named_with_its_key(root: Path, body: dict[str, Any], message: str):
    with pytest.raises(SettingsError) as caught:
        made(root, **body)
    assert str(caught.value).startswith(f"webstack:services.shop.{message}")


def test_several_services_have_one_image(declare: Declare, dev_services: dict[str, Any]):
    shop = {**dev_services["shop"], "reload": None}
    second = {"image_of": "shop", "path": "/second"}
    declared = declare(services={"a-first": second, "shop": shop})
    references = {
        each.get("image") for name in ("a-first", "shop") for each in declared.of_service(name)
    }
    assert len(references) == 1
    assert sorted(declared.of_type("Image").names) == ["proxy", "shop"]
    assert sorted(declared.of_type("ServiceImage").names) == ["proxy", "shop"]


def test_an_image_is_taken_as_it_is_and_stays(declare: Declare):
    reference = f"example/search@sha256:{'0' * 64}"
    declared = declare(services={"search": {"image": reference, "path": "/", "port": 7700}})
    pulled = declared.of_type("RemoteImage").named("search")
    assert (pulled.get("name"), pulled.get("keepLocally")) == (reference, True)
    served = [each for each in declared.of_service("search") if not each.name.endswith("-relay")]
    assert [each.get("image") for each in served] == [reference]


def test_records_of_earlier_releases_say_less_of_an_image():
    old = {"name": "shop", "reference": "p/shop:1", "files": {}, "build": None}
    assert msgspec.convert(old, Image) == Image("shop", "p/shop:1")
