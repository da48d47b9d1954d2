"""The stack orders its certificate by itself, from a directory that runs on this machine."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from tests.acme import Acme, acme, running
from tests.deployment import Deployment, copied, free_port

pytestmark = pytest.mark.docker

HOSTS = ("shop.test", "www.shop.test")
BELOW = ("shop.test", "*.shop.test")
SECRETS = ("token", "records")
LIFETIME = 3600


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Acme:
    return acme(tmp_path_factory.mktemp("acme"), (free_port(), free_port()))


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, directory: Acme
) -> Iterator[tuple[Deployment, str]]:
    """Bring up a stack that finds no directory at first; gives the stack and the output of `up`."""
    with copied(tmp_path_factory.mktemp("certificates") / "project") as deployment:
        (deployment.root / "acme.pem").write_bytes(directory.authority.read_bytes())
        deployment.change_settings(
            lambda config: config.update(
                {
                    "webstack:hosts": list(HOSTS),
                    "webstack:services": {
                        "shop": {"source": "tests/applications/page", "path": "/"}
                    },
                    "webstack:tls": {
                        "mode": "acme",
                        "port": free_port(),
                        "acme": {"directory": directory.url, "authority": "acme.pem"},
                    },
                }
            )
        )
        yield deployment, said_by(deployment)


def test_without_a_directory_it_serves_and_says_so(served):
    deployment, said = served
    assert "certificate: not issued, a temporary one" in said
    assert certificate(deployment).issuer.rfc4514_string() == "CN=temporary"
    status = deployment.webstack("status", check=False)
    assert status.returncode == 1
    assert "has no certificate" in status.stderr


def test_it_is_issued_by_the_next_up_and_renewed_while_it_serves(served, directory):
    deployment, _ = served
    with running(directory, deployment.port, HOSTS, LIFETIME):
        assert "certificate: until " in said_by(deployment)
        first = certificate(deployment, directory.root())
        names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert sorted(names.get_values_for_type(x509.DNSName)) == sorted(HOSTS)
        assert "certificate: until " in deployment.webstack("status").stdout
        deployment.webstack("preview", "--expect-no-changes")

        [keeper] = deployment.containers("certificates")
        deployment.docker("exec", keeper, "rm", "/var/lib/webstack/account/certificate.pem")
        deployment.docker("restart", "-t", "1", keeper)
        renewed = _once_another(deployment, first)
        assert renewed.issuer == first.issuer


def test_a_host_that_cannot_be_proved_takes_nothing_from_the_others(served, directory):
    deployment, _ = served
    before = certificate(deployment)
    deployment.change_settings(
        lambda config: config.update({"webstack:hosts": [*HOSTS, "blocked.test"]})
    )
    with running(directory, deployment.port, HOSTS, LIFETIME):
        said = said_by(deployment)
    assert "certificate: not issued" in said
    assert "blocked.test" in said
    assert certificate(deployment) == before


HOOK = """
import json, os, sys, urllib.request
what, name, value = sys.argv[1:]
assert os.environ["TOKEN"] == "a token"
record = {"host": name + ".", **({"value": value} if what == "present" else {})}
place = os.environ["RECORDS"] + {"present": "/set-txt", "remove": "/clear-txt"}[what]
urllib.request.urlopen(place, json.dumps(record).encode(), timeout=10)
"""


def test_a_host_and_all_below_it_are_proved_by_dns(served, directory):
    deployment, _ = served
    records = free_port(), free_port()
    (deployment.root / "dns.py").write_text(HOOK)
    place = f"http://{directory.address}:{records[0]}"
    for name, value in {"token": "a token", "records": place}.items():
        deployment.webstack("config", "set", "--secret", f"webstack:{name}", value)
    proved = {"hook": "dns.py", "hook_settings": {n.upper(): {"setting": n} for n in SECRETS}}

    def change(config: dict[str, Any]) -> None:
        config["webstack:hosts"] = list(BELOW)
        config["webstack:tls"]["acme"].update(proved)

    deployment.change_settings(change)
    forgets = {"PEBBLE_WFE_NONCEREJECT": "20"}  # of a hundred good nonces
    with running(directory, 1, (), LIFETIME, records=records, **forgets):
        said = said_by(deployment)
    assert "certificate: until " in said
    names = certificate(deployment).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert sorted(names.value.get_values_for_type(x509.DNSName)) == sorted(BELOW)
    assert "a token" not in deployment.webstack("status", "--json").stdout


def test_only_the_keeper_writes_and_only_it_has_a_way_out(served):
    deployment, _ = served
    [keeper], [nginx] = deployment.containers("certificates"), deployment.containers("proxy")[-1:]
    found = {name: json.loads(deployment.docker("inspect", name))[0] for name in (keeper, nginx)}
    [mount] = [
        each
        for each in found[nginx]["Mounts"]
        if each["Destination"] == "/run/webstack/certificates"
    ]
    assert not mount["RW"]
    assert found[nginx]["HostConfig"]["NetworkMode"] == "none"
    networks = found[keeper]["NetworkSettings"]["Networks"]
    assert len(networks) == 1
    [network] = json.loads(deployment.docker("network", "inspect", *networks))
    assert not network["Internal"]
    assert [each["Name"] for each in network["Containers"].values()] == [keeper]


def said_by(deployment: Deployment) -> str:
    """Give the output of an `up`."""
    done = deployment.up()
    return done.stdout + done.stderr


def certificate(deployment: Deployment, trusted: str | None = None) -> x509.Certificate:
    """Give the certificate that the site shows, checked against an authority if one is given."""
    context = ssl.create_default_context(cadata=trusted)
    if trusted is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = _tls_port(deployment)
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname=HOSTS[0]) as made,
    ):
        shown = made.getpeercert(binary_form=True)
    assert shown
    return x509.load_der_x509_certificate(shown)


def _tls_port(deployment: Deployment) -> int:
    text = Path(deployment.root / "Pulumi.dev.yaml").read_text()
    return int(yaml.safe_load(text)["config"]["webstack:tls"]["port"])


def _once_another(deployment: Deployment, before: x509.Certificate) -> x509.Certificate:
    end = time.monotonic() + 90
    while (found := certificate(deployment)) == before and time.monotonic() < end:
        time.sleep(0.3)
    assert found != before
    return found
