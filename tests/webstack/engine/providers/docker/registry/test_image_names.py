from __future__ import annotations

import pytest

from webstack.engine.providers.docker.registry.image_names import (
    ImageName,
    names_registry,
    parse_image,
)

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("name", "parts", "familiar"),
    [
        ("nginx", ("docker.io", "library/nginx", "latest"), "nginx"),
        ("nginx:1.26", ("docker.io", "library/nginx", "1.26"), "nginx"),
        ("me/app:1", ("docker.io", "me/app", "1"), "me/app"),
        ("docker.io/me/app", ("docker.io", "me/app", "latest"), "me/app"),
        ("ghcr.io/me/app:1", ("ghcr.io", "me/app", "1"), "ghcr.io/me/app"),
        ("localhost/app:1", ("localhost", "app", "1"), "localhost/app"),
        ("box:5000/app", ("box:5000", "app", "latest"), "box:5000/app"),
        (f"nginx@{DIGEST}", ("docker.io", "library/nginx", DIGEST), "nginx"),
        (f"box:5000/a:1@{DIGEST}", ("box:5000", "a", DIGEST), "box:5000/a"),
    ],
)
def test_takes_a_name_apart(name, parts, familiar):
    assert parse_image(name) == ImageName(*parts)
    assert parse_image(name).familiar == familiar


def test_tells_whether_a_name_says_its_registry():
    assert names_registry("docker.io/me/app")
    assert names_registry("localhost:5000/app")
    assert not names_registry("me/app")
    assert not names_registry("app")
