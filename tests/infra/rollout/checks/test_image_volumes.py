"""The check names the volumes of an image that a container's settings leave unnamed."""

from __future__ import annotations

from typing import Any

import pytest

from infra.images.dockerfile import Made
from infra.model.specs import Container, Mount
from infra.rollout.checks.image_volumes import foreseen, unnamed


def inspected(volumes: Any, **host: Any) -> dict[str, Any]:
    return {"Config": {"Volumes": volumes}, "HostConfig": host}


@pytest.mark.parametrize("none", [None, {}])
def test_an_image_without_volumes_has_none(none: Any):
    assert unnamed(inspected(none, Binds=None, Mounts=None, Tmpfs=None)) == []


@pytest.mark.parametrize(
    "host",
    [
        {"Binds": ["webstack-dev-shop-data:/data"]},
        {"Binds": ["webstack-dev-shop-data:/data:ro"]},
        {"Tmpfs": {"/data": "size=16m"}},
        {"Mounts": [{"Target": "/data", "Source": "x", "Type": "volume"}]},
    ],
)
@pytest.mark.parametrize("written", ["/data", "/data/"])
def test_what_the_settings_name_is_kept_or_meant(host: dict[str, Any], written: str):
    assert unnamed(inspected({written: {}}, **host)) == []
    assert unnamed(inspected({written: {}, "/b": {}, "/a": {}}, **host)) == ["/a", "/b"]


def test_a_folder_above_or_below_is_another():
    binds = ["v:/data/below", "v:/above"]
    assert unnamed(inspected({"/data": {}, "/above/it": {}}, Binds=binds)) == [
        "/above/it",
        "/data",
    ]


@pytest.mark.parametrize(
    ("made", "lost"),
    [
        (Made((), ""), []),
        (Made(("/data/", "/cache", "/tmp"), ""), []),
        (Made(("/data", "/other"), ""), ["/other"]),
        (Made((), "postgres"), ["/var/lib/postgresql"]),
        (Made(("/other",), "postgres"), ["/other", "/var/lib/postgresql"]),
        (Made(("/other",), "debian"), ["/other"]),
    ],
)
def test_what_a_dockerfile_says_is_foreseen(made: Made, lost: list[str]):
    container = Container(
        "shop", "img", "1:1", 1, 64, 64, 5, mounts=(Mount("/data", "v"),),
        tmpfs={"/cache": "", "/tmp": ""},
    )  # fmt: skip
    images = {"postgres": ("/var/lib/postgresql",)}
    assert foreseen(made, container, lambda image: images.get(image, ())) == lost
