"""A certificate is checked for its hosts; a development machine gets one of its own."""

from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509 import verification

from infra.model import certificates
from infra.model.certificates import CertificateError, checked

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
HOSTS = ["localhost", "127.0.0.1", "flask.localhost", "shop.example.com"]


@pytest.fixture(scope="module")
def made():
    return certificates.issued(HOSTS, NOW)


def refused(chain: str, key: str, hosts=HOSTS, now=NOW) -> str:
    with pytest.raises(CertificateError) as caught:
        checked(chain.encode(), key.encode(), hosts, now)
    return f"{caught.value.part} {caught.value}"


def test_what_fits_is_taken(made):
    ends = checked(made.chain.encode(), made.key.encode(), HOSTS, NOW)
    assert ends == NOW + certificates.LIFETIME


def test_each_fault_is_told_by_its_part(made):
    other = certificates.issued(HOSTS, NOW)
    assert refused("nothing", made.key) == "certificate holds no certificate in PEM"
    assert refused(made.chain, "nothing") == "key holds no private key in PEM"
    assert refused(made.chain, other.key) == "key is of another certificate"
    late = NOW + timedelta(days=400)
    assert refused(made.chain, made.key, now=late) == "certificate expired on 2027-12-03"
    early = NOW - timedelta(days=1)
    begins = "certificate is valid only from 2026-10-31 23:00 UTC"
    assert refused(made.chain, made.key, now=early) == begins
    more = [*HOSTS, "a.test", "b.localhost"]
    assert refused(made.chain, made.key, more) == "certificate does not name a.test, b.localhost"
    chain = made.chain + other.authority
    assert refused(chain, made.key).startswith("certificate has a chain out of order")


def test_a_locked_key_is_told_apart(made):
    key = ec.generate_private_key(ec.SECP256R1())
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    said = refused(made.chain, locked.decode())
    assert said == "key is locked by a passphrase; give it without one"


def test_a_wildcard_covers_one_label():
    wild = certificates.issued(["*.example.com"], NOW)
    leaf = x509.load_pem_x509_certificate(wild.chain.encode())
    hosts = ["a.example.com", "example.com", "a.b.example.com"]
    assert certificates.uncovered(leaf, hosts) == ["example.com", "a.b.example.com"]


def test_one_authority_issues_again_for_its_hosts_alone(made):
    again = certificates.issued(HOSTS[:2], NOW, made.authority, made.authority_key)
    assert again.authority == made.authority
    assert again.key != made.key
    assert certificates.may_sign(made.authority, ["another.localhost", "127.0.0.1"])
    assert not certificates.may_sign(made.authority, ["example.org"])


def verifies(made, host: str) -> bool:
    store = verification.Store([x509.load_pem_x509_certificate(made.authority.encode())])
    builder = verification.PolicyBuilder().store(store).time(NOW)
    leaf = x509.load_pem_x509_certificate(made.chain.encode())
    try:
        builder.build_server_verifier(x509.DNSName(host)).verify(leaf, [])
    except verification.VerificationError:
        return False
    return True


def test_clients_take_what_the_authority_may_sign_and_nothing_else(made):
    assert verifies(made, "shop.example.com")
    stolen = certificates.issued(["bank.example"], NOW, made.authority, made.authority_key)
    assert not verifies(stolen, "bank.example")
