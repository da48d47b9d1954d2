"""The certificate that the settings name is read and checked."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from infra.model.certificates import issued
from infra.settings.reading import read
from infra.settings.sections import SettingsError
from infra.tls_material import acme_authority, acme_files, acme_hook, material, served_hosts

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
SERVICES = {"shop": {"source": "s", "path": "/", "hosts": ["shop.localhost"]}}
HOSTS = ["localhost", "127.0.0.1", "shop.localhost"]
FILES = {"mode": "files", "certificate": "c.pem", "key": "k.pem"}


def settings(**tls):
    said = {**FILES, **tls}
    secret = {"webstack:k": "x"} if isinstance(said["key"], dict) else {}
    values = {"webstack:services": json.dumps(SERVICES), "webstack:tls": json.dumps(said)}
    return read({**values, **secret})


@pytest.fixture
def root(tmp_path):
    made = issued(HOSTS, NOW)
    (tmp_path / "c.pem").write_text(made.chain)
    (tmp_path / "k.pem").write_text(made.key)
    return tmp_path


def refused(root, **tls) -> str:
    with pytest.raises(SettingsError) as caught:
        material(settings(**tls), root, {"webstack:k": "x"}, NOW)
    return str(caught.value)


def test_the_hosts_of_services_are_served_too():
    assert served_hosts(settings()) == HOSTS


def test_key_and_chain_become_one_file(root):
    made = material(settings(), root, {}, NOW)
    assert made.pem.index("PRIVATE KEY") < made.pem.index("BEGIN CERTIFICATE")
    assert made.warning == ""
    assert (root / "k.pem").read_text().splitlines()[1] not in made.fingerprint


def test_of_a_directory_s_authority_only_certificates_are_taken(root):
    both = (root / "c.pem").read_text() + (root / "k.pem").read_text()
    (root / "both.pem").write_text(both)
    ordering = {"mode": "acme", "certificate": None, "key": None}
    acme = {"directory": "https://ca.test/dir", "authority": "both.pem"}
    taken = acme_authority(settings(**ordering, acme=acme), root)
    assert taken.count("BEGIN CERTIFICATE") == both.count("BEGIN CERTIFICATE")
    assert "PRIVATE" not in taken
    assert acme_authority(settings(), root) == ""
    with pytest.raises(SettingsError) as caught:
        acme_authority(settings(**ordering, acme={**acme, "authority": "k.pem"}), root)
    assert str(caught.value).startswith("webstack:tls.acme.authority: k.pem holds no certificate")


def test_one_that_ends_soon_is_warned_of(root):
    later = NOW + timedelta(days=390)
    assert "ends on 2027-12-03" in material(settings(), root, {}, later).warning


def test_faults_name_the_key_and_the_file(root):
    assert refused(root, key={"setting": "k"}).startswith(
        "webstack:tls.key: the setting k holds no private key in PEM"
    )
    assert refused(root, certificate="k.pem").startswith(
        "webstack:tls.certificate: k.pem holds no certificate"
    )
    (root / "c.pem").unlink()
    assert refused(root) == "webstack:tls.certificate: c.pem: no such file; name a PEM file"


def test_a_hook_is_a_program_of_the_project(root):
    (root / "dns.py").write_text("print('value')\n")
    acme = {"directory": "https://ca.test/dir", "hook": "dns.py"}
    ordering = {"mode": "acme", "certificate": None, "key": None, "acme": acme}
    assert acme_files(settings(**ordering), root) == ("", "print('value')\n")
    assert acme_hook(settings(), root) == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file; name a program in Python"),
        (b"if:\n", "invalid syntax"),
        (b"\xff", "can't decode"),
        (b"x" * (65 << 10), "name a program in Python"),
    ],
)
def test_what_is_no_program_is_told_in_one_line(root, content, said):
    if content is not None:
        (root / "dns.py").write_bytes(content)
    acme = {"directory": "https://ca.test/dir", "hook": "dns.py"}
    with pytest.raises(SettingsError, match=said) as caught:
        acme_hook(settings(mode="acme", certificate=None, key=None, acme=acme), root)
    assert str(caught.value).startswith("webstack:tls.acme.hook: dns.py")
    assert "\n" not in str(caught.value)
