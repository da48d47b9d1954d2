"""The origin of an image is said once; settings that do not fit are named with their key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.settings.test_sections import SERVICE, read_values, refused

BARE = {"path": "/"}
OTHER = {"source": "x", "path": "/x"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (BARE, ": no image; set source (a folder with a Dockerfile), image, or image_of"),
        ({**SERVICE, "image": "a:1"}, ".image: source is set, too; remove one of them"),
        ({**BARE, "image": "a:1", "image_of": "other"}, ".image_of: image is set, too"),
        ({**BARE, "image": "a:1", "target": "x"}, ".target: nothing is built without source"),
        ({**BARE, "image": "a:1", "dockerfile": "x"}, ".dockerfile: nothing is built"),
        ({**BARE, "image": "a:1", "reload": "/app"}, ".reload: nothing is built"),
        ({**BARE, "image": "A b"}, ".image: expected an image such as"),
        ({**BARE, "image_of": "none"}, ".image_of: there is no service none; name one that is"),
        ({**BARE, "image_of": "shop"}, ".image_of: shop has no image of its own"),
        ({**SERVICE, "build_args": {"UID": "1"}}, ".build_args.UID: every build gets it"),
        (
            {**SERVICE, "build_args": {"API_TOKEN": "hunter2hunter2"}},
            ".build_args.API_TOKEN: its name",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_key(body: dict[str, Any], message: str):
    said = refused(services={"shop": body, "other": OTHER})
    assert said.startswith(f"services.shop{message}"), said


def test_each_of_the_three_is_enough():
    services = {
        "shop": SERVICE,
        "admin": {"path": "/admin", "image_of": "shop"},
        "search": {"path": "/search", "image": f"search@sha256:{'0' * 64}"},
    }
    assert read_values(services=services).services["admin"].image_of == "shop"
