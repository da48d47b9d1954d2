"""Settings of access, of rates and of headers for browsers are checked."""

from __future__ import annotations

import json

import pytest

from infra.settings.reading import read
from infra.settings.sections import Service, SettingsError


def service(**said: object) -> Service:
    services = {"shop": {"source": "s", "path": "/", **said}}
    return read({"webstack:services": json.dumps(services)}).services["shop"]


def test_a_header_may_be_left_out():
    assert service(headers={"Referrer-Policy": ""}).headers == {"Referrer-Policy": ""}


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"allow": ["10.0.0.1/8"]}, "webstack:services.shop.allow: 10.0.0.1/8 has host bits set"),
        ({"deny": ["300.0.0.1"]}, "webstack:services.shop.deny: '300.0.0.1' does not appear"),
        (
            {"allow": ["10.0.0.0/8"], "deny": ["10.0.0.0/8"]},
            "webstack:services.shop.deny: 10.0.0.0/8 is in allow, too",
        ),
        ({"rate": {"requests": 0}}, "webstack:services.shop.rate.requests: "),
        ({"rate": {}}, "webstack:services.shop.rate"),
        ({"headers": {"Set-Cookie": "a=1"}}, "webstack:services.shop.headers"),
        ({"headers": {"X-Robots-Tag": 'a"b'}}, "webstack:services.shop.headers.X-Robots-Tag: "),
        ({"headers": {"X-Robots-Tag": "$host"}}, "webstack:services.shop.headers.X-Robots-Tag: "),
        ({"headers": {"X-Robots-Tag": "a\nb"}}, "webstack:services.shop.headers.X-Robots-Tag: "),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(said, error):
    with pytest.raises(SettingsError) as caught:
        service(**said)
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)
