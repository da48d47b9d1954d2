"""Certificates as values: a check that one can serve hosts, and certificates for development.

Everything here is pure: PEM, hosts and the time in, PEM out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=397)
"""Of a certificate for development: browsers take none that is longer."""
RENEWED = timedelta(days=30)
_AUTHORITY_LIFETIME = timedelta(days=3650)
_SKEW = timedelta(hours=1)


class CertificateError(ValueError):
    """A certificate cannot serve; ``part`` is "certificate" or "key", the message half a line."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True)
class Issued:
    """A certificate of an authority of our own, each with its key, in PEM."""

    authority: str
    authority_key: str
    chain: str
    key: str


def checked(chain: bytes, key: bytes, hosts: Sequence[str], now: datetime) -> datetime:
    """Check that a certificate can serve these hosts with this key, and give when it ends.

    Raises CertificateError.
    """
    try:
        certificates = x509.load_pem_x509_certificates(chain)
    except ValueError:
        raise CertificateError("certificate", "holds no certificate in PEM") from None
    leaf = certificates[0]
    if leaf.public_key().public_bytes(*_SPKI) != _public(key):
        raise CertificateError("key", "is of another certificate")
    if now > leaf.not_valid_after_utc:
        raise CertificateError("certificate", f"expired on {leaf.not_valid_after_utc:%Y-%m-%d}")
    if now < leaf.not_valid_before_utc:
        begins = f"{leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        raise CertificateError("certificate", f"is valid only from {begins}")
    if missing := uncovered(leaf, hosts):
        raise CertificateError("certificate", f"does not name {', '.join(missing)}")
    for issued, issuer in pairwise(certificates):
        try:
            issued.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            raise CertificateError(
                "certificate", "has a chain out of order: each has to follow the one that it issued"
            ) from None
    return leaf.not_valid_after_utc


def certificates(pem: bytes) -> str:
    """Give the certificates alone of a PEM text; raises CertificateError if it has none."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise CertificateError("certificate", "holds no certificate in PEM") from None
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in found)


def uncovered(certificate: x509.Certificate, hosts: Iterable[str]) -> list[str]:
    """Give the hosts that a certificate does not name."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return list(hosts)
    dns = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    addresses = set(names.get_values_for_type(x509.IPAddress))
    return [
        host
        for host in hosts
        if _address(host) not in addresses and not {host, f"*.{host.partition('.')[2]}"} & dns
    ]


def issued(hosts: Sequence[str], now: datetime, authority: str = "", key: str = "") -> Issued:
    """Issue a certificate for development, by a given authority or by one made for it.

    The authority may sign for these hosts alone, so that whoever gets its key cannot do more.
    Raises CertificateError if the given key is of another kind than an authority's.
    """
    if not authority:
        authority, key = _authority(hosts, now)
    signer = x509.load_pem_x509_certificate(authority.encode())
    signing = load_pem_private_key(key.encode(), None)
    if not isinstance(signing, ec.EllipticCurvePrivateKey):
        raise CertificateError("key", "is none of a development authority")
    own = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder(signer.subject, _named(hosts[0]), own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), False
        )
    )
    leaf = builder.sign(signing, hashes.SHA256())
    return Issued(authority, key, leaf.public_bytes(Encoding.PEM).decode(), _private(own))


def may_sign(authority: str, hosts: Sequence[str]) -> bool:
    """Tell whether the authority of a development machine may sign for these hosts."""
    found = x509.load_pem_x509_certificate(authority.encode())
    permitted = found.extensions.get_extension_for_class(x509.NameConstraints).value
    return set(_constraints(hosts)) <= set(permitted.permitted_subtrees or ())


def _authority(hosts: Sequence[str], now: datetime) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("webstack development authority")
    usage = {name: name in ("key_cert_sign", "crl_sign") for name in _USAGES}
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.KeyUsage(**usage), True)
        .add_extension(x509.NameConstraints(_constraints(hosts), None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode(), _private(key)


_SPKI = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def _constraints(hosts: Sequence[str]) -> list[x509.GeneralName]:
    """Give the names that an authority may sign for; all below localhost count as one."""
    names = {host.removeprefix("*.") for host in hosts if not _address(host)}
    local = {name for name in names if name == "localhost" or name.endswith(".localhost")}
    roots = sorted((names - local) | ({"localhost"} if local else set()))
    addresses = sorted({str(ip_network(host)) for host in hosts if _address(host)})
    return [
        *map(x509.DNSName, roots),
        *(x509.IPAddress(ip_network(address)) for address in addresses),
    ]


def _general(host: str) -> x509.GeneralName:
    address = _address(host)
    return x509.IPAddress(address) if address else x509.DNSName(host)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _public(key: bytes) -> bytes:
    try:
        return load_pem_private_key(key, None).public_key().public_bytes(*_SPKI)
    except TypeError:
        raise CertificateError("key", "is locked by a passphrase; give it without one") from None
    except ValueError:
        raise CertificateError("key", "holds no private key in PEM") from None


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
