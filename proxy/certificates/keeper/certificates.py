"""Reads certificates, and makes one for the time until there is a better."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from keeper.schedule import Validity


@dataclass(frozen=True)
class Certificate:
    """Holds what a certificate says: its hosts, and how long it is valid."""

    hosts: frozenset[str]
    validity: Validity

    def is_of(self, hosts: Sequence[str]) -> bool:
        """Tell whether it names just these hosts."""
        return self.hosts == {str(address(host) or host) for host in hosts}


def new_key() -> bytes:
    """Make a private key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read(pem: bytes) -> Certificate | None:
    """Read a key and its chain; None if there is no certificate, or one of another key."""
    try:
        found = x509.load_pem_x509_certificates(pem)[0]
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return None
    if found.public_key() != key.public_key():
        return None
    hosts = frozenset(str(name.value).lower() for name in names)
    return Certificate(hosts, Validity(found.not_valid_before_utc, found.not_valid_after_utc))


def temporary(hosts: Sequence[str], now: datetime) -> bytes:
    """Make key and certificate that no client trusts, for the time until there is a better."""
    pem = new_key()
    key = load_pem_private_key(pem, None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "temporary")])
    names = [
        x509.IPAddress(found) if (found := address(host)) else x509.DNSName(host) for host in hosts
    ]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return pem + certificate.public_bytes(Encoding.PEM)


def address(host: str) -> IPv4Address | IPv6Address | None:
    """Give a host that is an address as such."""
    try:
        return ip_address(host)
    except ValueError:
        return None
