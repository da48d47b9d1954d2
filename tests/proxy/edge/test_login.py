"""Wherever a service with a login answers, its users are asked, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import crossplane
import pytest

from proxy import Cache, Media, RoutedService, Site, paths, render

SITE = Site(
    hosts=("site.test",),
    backends=(
        RoutedService(
            "shop",
            path="/shop",
            hosts=("shop.test",),
            static=True,
            login=True,
            cache=Cache(),
            media=(Media("/media", "/srv/media/shop"),),
            body_limit=500,
        ),
        RoutedService("open", path="/", static=True, body_limit=500),
    ),
)


def locations(block: list[dict], inherited: list[str]) -> list[tuple[str, list[str]]]:
    """Give the name of each location that answers, with the file of users that it asks by."""
    found = []
    for each in block:
        inner = each.get("block", [])
        said = next((e["args"] for e in inner if e["directive"] == "auth_basic_user_file"), None)
        asked = said or inherited
        if each["directive"] == "location" and {"proxy_pass", "alias", "root"} & {
            entry["directive"] for entry in inner
        }:
            found.append((each["args"][-1], asked))
        found += locations(inner, asked if each["directive"] == "location" else inherited)
    return found


@pytest.fixture
def asked(tmp_path: Path) -> list[tuple[str, list[str]]]:
    """Give all locations of the site."""
    file = tmp_path / "nginx.conf"
    file.write_text(render(SITE))
    (parsed,) = crossplane.parse(str(file), single=True)["config"]
    return locations(parsed["parsed"], [])


def test_every_location_of_the_service_asks_and_no_other(asked: list[tuple[str, list[str]]]):
    of_shop = [(name, said) for name, said in asked if "shop" in name]
    assert len(of_shop) > 12
    assert {tuple(said) for _, said in of_shop} == {(paths.logins("shop"),)}
    assert {tuple(said) for name, said in asked if "open" in name} == {()}


def test_without_a_login_nothing_is_said_of_it():
    text = render(Site(hosts=("a.test",), backends=(RoutedService("shop", path="/"),)))
    assert "auth_basic" not in text
    assert "Authorization" not in text
