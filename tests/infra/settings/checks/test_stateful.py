"""Servers of any image have names and files that no other has."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.sections import Settings
from tests.infra.settings.test_needs import refusal, settings

SEARCH = {"image": "search:1", "port": 7700, "health": ["true"]}


def given(server: dict[str, Any], shop: dict[str, Any] | None = None, **more: Any) -> Settings:
    return settings({"shop": shop or {}}, stateful={"search": {**SEARCH, **server}}, **more)


def test_a_service_may_need_a_server_and_share_its_secret():
    shop = {"needs": ["search"], "secret_environment": {"KEY": {"of": "search.MASTER"}}}
    found = given({"secret_files": {"MASTER": {"serial": 2}}}, shop)
    assert found.stateful["search"].secrets["MASTER"].serial == 2


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ({"image": None}, "stateful.search: no image; set image, or source"),
        ({"source": "x"}, "stateful.search.source: image is set, too"),
        ({"health": [" "]}, "stateful.search.health: the first word is empty"),
        ({"volumes": {"data": "/run/secrets"}}, "stateful.search.volumes.data: /run/secrets and"),
        ({"volumes": {"data": "/run"}}, "stateful.search.volumes.data: /run and /run/secrets"),
        (
            {"volumes": {"data": "/keep"}, "writable": {"/keep/cache": 16}},
            "stateful.search.writable./keep/cache: /keep/cache and /keep (volumes.data) hide",
        ),
        ({"volumes": {"secrets": "/keep"}}, "that volume holds its secret_files"),
        (
            {"secret_files": {"KEY": {}}, "secret_environment": {"KEY": {}}},
            "stateful.search.secret_files.KEY: it is in secret_environment, too",
        ),
        (
            {"secret_files": {"KEY": {}}, "environment": {"KEY": "1"}},
            "stateful.search.environment.KEY: it is in secret_files, too",
        ),
        (
            {"secret_files": {"KEY": {"of": "other.KEY"}}},
            "stateful.search.secret_files.KEY.of: only services take the secret of another",
        ),
        ({"secret_files": {"KEY": {"setting": "none"}}}, "the setting none is not set"),
    ],
)
def test_a_server_that_does_not_fit_is_told_by_its_key(server: dict[str, Any], told: str):
    assert told in refusal({"shop": {}}, stateful={"search": {**SEARCH, **server}})


@pytest.mark.parametrize(
    ("shop", "told"),
    [
        ({"needs": ["serch"]}, "services.shop.needs: there is no serch; it can be"),
        (
            {"needs": ["search"], "environment": {"SEARCH_HOST": "x"}},
            "services.shop.environment.SEARCH_HOST: needs: [search] sets it",
        ),
        (
            {"secret_environment": {"KEY": {"of": "search.KEY"}}},
            "services.shop.secret_environment.KEY.of: shop does not need search",
        ),
        (
            {"needs": ["search"], "secret_environment": {"KEY": {"of": "search.OTHER"}}},
            "services.shop.secret_environment.KEY.of: there is no secret search.OTHER",
        ),
        (
            {
                "needs": ["search"],
                "secret_environment": {"KEY": {"of": "search.KEY", "setting": "key"}},
            },
            "services.shop.secret_environment.KEY.of: setting stands beside it",
        ),
    ],
)
def test_a_service_that_does_not_fit_its_server_is_told(shop: dict[str, Any], told: str):
    server = {**SEARCH, "secret_environment": {"KEY": {}}}
    secrets = ("key",) if "setting" in str(shop) else ()
    more = {"key": "1"} if secrets else {}
    assert told in refusal({"shop": shop}, secrets, stateful={"search": server}, **more)


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("shop", {}, "stateful.shop: shop is service shop"),
        ("background", {}, "what the stack's own containers are called"),
        ("proxy", {}, "stateful.proxy: proxy is a name of the stack's own"),
        ("postgres", {}, "stateful.postgres: the stack runs its own postgres under that name"),
        ("old", {"kept": ["old"]}, "webstack:kept is for services that are gone"),
    ],
)
def test_a_name_that_means_something_else_is_refused(name: str, more: dict[str, Any], told: str):
    assert told in refusal({"shop": {}}, stateful={name: SEARCH}, **more)


def test_volumes_and_secrets_of_one_name_are_refused():
    shop = {"volumes": {"index-data": "/x"}}
    server = {**SEARCH, "volumes": {"data": "/keep"}}
    told = refusal({"shop": shop}, stateful={"shop-index": server})
    assert "stateful.shop-index.volumes.data: it would be kept as shop-index-data" in told
    shop = {"secret_environment": {"INDEX_KEY": {}}}
    told = refusal({"shop": shop}, stateful={"shop-index": {**SEARCH, "secret_files": {"KEY": {}}}})
    assert "it cannot be told from services.shop.secret_environment.INDEX_KEY" in told
