"""Settings of the response cache are checked."""

from __future__ import annotations

import json

import pytest

from infra.settings.reading import read
from infra.settings.sections import Settings, SettingsError


def settings(**cache: object) -> Settings:
    services = {"shop": {"source": "s", "path": "/", "cache": cache}}
    return read({"webstack:services": json.dumps(services)})


def test_all_of_it_has_a_default():
    cache = settings().services["shop"].cache
    assert cache
    assert (cache.time, cache.stale, cache.memory) == (0, True, 64)
    assert cache.vary == cache.bypass == ()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"vary": ["Cookie"]}, "webstack:services.shop.cache.vary: Cookie says who asks"),
        ({"vary": ["authorization"]}, "webstack:services.shop.cache.vary: authorization says"),
        ({"vary": ["X-Forwarded-Host"]}, "webstack:services.shop.cache.vary: X-Forwarded-Host is"),
        ({"vary": ["If-Range"]}, "webstack:services.shop.cache.vary: If-Range is nginx's own"),
        ({"vary": ["Host"]}, "webstack:services.shop.cache.vary: Host is nginx's own"),
        ({"vary": ["A b"]}, "webstack:services.shop.cache.vary[0]: expected the name of a header"),
        ({"bypass": ["a=b"]}, "webstack:services.shop.cache.bypass[0]: expected the name of a"),
        ({"memory": 8}, "webstack:services.shop.cache.memory: "),
        ({"tme": 8}, "webstack:services.shop.cache.tme: unknown setting"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(said, error):
    with pytest.raises(SettingsError) as caught:
        settings(**said)
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)
