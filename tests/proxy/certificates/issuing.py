"""A directory of certificates for tests, which issues by itself for as long as it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from keeper.certificates import new_key
from keeper.errors import OrderError

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)


@dataclass
class Clock:
    """A clock that moves a little with each look, and further where a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Directory:
    """A directory that issues for 90 days from the clock's time, unless it has a ``failure``."""

    clock: Clock
    lifetime: timedelta = timedelta(days=90)
    failure: OrderError | None = None
    advised: datetime | None = None
    orders: list[tuple[str, ...]] = field(default_factory=list)

    def order(self, hosts: Sequence[str]) -> bytes:
        self.orders.append(tuple(hosts))
        if self.failure:
            raise self.failure
        return issued(hosts, self.clock.now, self.clock.now + self.lifetime)

    def advice(self, _certificate: bytes) -> datetime | None:
        if self.failure:
            raise self.failure
        return self.advised


def issued(hosts: Sequence[str], begins: datetime, ends: datetime) -> bytes:
    """Give a key and a certificate for hosts, as PEM."""
    pem = new_key()
    key = load_pem_private_key(pem, None)
    name = x509.Name([])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([*map(x509.DNSName, hosts)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return pem + certificate.public_bytes(Encoding.PEM)
