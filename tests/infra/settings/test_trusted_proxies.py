"""Only proxies that the settings name are believed."""

import json

import pytest

from infra.settings.reading import read
from infra.settings.sections import SettingsError

SERVICES = json.dumps({"shop": {"source": "s", "path": "/"}})


def trusted(*networks: str) -> tuple[str, ...]:
    values = {"webstack:services": SERVICES, "webstack:trusted_proxies": json.dumps(networks)}
    return read(values).trusted_proxies


def test_networks_and_addresses_are_taken():
    assert trusted("192.0.2.0/24", "2001:db8::1") == ("192.0.2.0/24", "2001:db8::1")


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "192.0.2.1/24", "300.1.1.1", "cdn"])
def test_everybody_and_what_is_no_network_is_refused(network):
    with pytest.raises(SettingsError, match="webstack:trusted_proxies"):
        trusted(network)
