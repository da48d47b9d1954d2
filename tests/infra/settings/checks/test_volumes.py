"""Named volumes and media that are alike, lost or not served are named with their key."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.sections import media_place
from tests.infra.settings.test_sections import SERVICE, read_values, refused


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"volumes": {"data": "/x"}}, "volumes.data: write data: /folder beside it instead"),
        ({"volumes": {"sockets": "/x"}}, "volumes.sockets: sockets is a volume of the stack's own"),
        ({"volumes": {"a": "/tmp/x"}}, "volumes.a: /tmp/x lies in /tmp, which is emptied"),
        ({"volumes": {"a": "/x", "b": "/x/y"}}, "volumes.b: /x/y and /x (volumes.a) hide each"),
        ({"volumes": {"a": "/x"}, "data": "/x/y"}, "volumes.a: /x and /x/y (data) hide each other"),
        ({"volumes": {"a": "/x"}, "writable": {"/x": 16}}, "writable: /x and /x (volumes.a) hide"),
        ({"volumes": {"a": "/run/webstack"}}, "volumes.a: /run/webstack cannot be used"),
        ({"volumes": {"a": "x"}}, "volumes.a: expected an absolute folder"),
        ({"volumes": {"A": "/x"}}, "volumes.A: expected a name"),
        ({"media": {"/media": "/m"}}, "media./media: /m lies in no folder that is kept"),
        ({"media": {"/": "/m"}, "data": "/m"}, "media./: all pages would be files"),
        (
            {"media": {"/static": "/m"}, "data": "/m", "static": "/s"},
            "media./static: files of the setting static are served at /static",
        ),
        (
            {"media": {"/assets/up": "/m"}, "data": "/m", "static_at": {"/assets": "/s"}},
            "media./assets/up: files of the setting static are served at /assets",
        ),
        ({"static_at": {"/": "/s"}}, "static_at./: all pages would be files"),
        (
            {"static_at": {"/assets": "/s", "/assets/js": "/t"}},
            "static_at./assets/js: /assets/js and /assets hide each other's files",
        ),
        (
            {"static_at": {"/a.b": "/s", "/a/b": "/t"}},
            "static_at./a/b: its files would be kept with those of /a.b",
        ),
        (
            {"static": "/s", "static_at": {"/assets": "/s/t"}},
            "static_at./assets: /s/t and /s (static) hide each other",
        ),
        (
            {"static": "/s", "static_at": {"/static": "/t"}},
            "static_at./static: static is served there",
        ),
        ({"media": {"media": "/m"}, "data": "/m"}, "media.media: expected a path such as"),
    ],
)
def test_a_wrong_one_is_named_with_its_key(body: dict[str, Any], message: str):
    assert refused(services={"shop": {**SERVICE, **body}}).startswith(f"services.shop.{message}")


def test_two_that_would_be_one_resource_are_refused():
    services = {
        "shop": {**SERVICE, "volumes": {"a-data": "/x"}},
        "shop-a": {"source": "x", "path": "/x"},
    }
    assert refused(services=services).startswith(
        "services.shop.volumes.a-data: it would be kept as shop-a-data, as the data of shop-a is"
    )


@pytest.mark.parametrize(
    ("folder", "place"),
    [("/up", ("uploads", "")), ("/up/img/a", ("uploads", "/img/a")), ("/data/m", ("data", "/m"))],
)
def test_media_lie_in_one_of_the_kept_folders(folder: str, place: tuple[str, str]):
    body = {"data": "/data", "volumes": {"uploads": "/up"}, "media": {"/media": folder}}
    service = read_values(services={"shop": {**SERVICE, **body}}).services["shop"]
    assert media_place(service, folder) == place


@pytest.mark.parametrize("kept", ["Shop", "shop.", "shop.a.b", ".a"])
def test_what_is_kept_is_a_service_or_a_volume_of_one(kept: str):
    said = refused(services={"shop": SERVICE}, kept=[kept])
    assert said.startswith(
        "kept[0]: expected a service such as shop, for its data, or shop.uploads"
    )
