"""The ordering of certificates is told, and the time from which somebody has to look at it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import msgspec
import pytest

from tests.webstack.cli.daemon.prepared import Prepared
from webstack.cli.daemon.nginx.certificates import CertificateStatus, status_of

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
GOOD = CertificateStatus(
    hosts=("shop.test",),
    issued=True,
    ends=NOW + timedelta(days=90),
    renewal=NOW + timedelta(days=60),
)
FAILING = msgspec.structs.replace(GOOD, error="the directory is away")


@pytest.mark.parametrize(
    ("status", "days", "words"),
    [
        (GOOD, 0, ""),
        (GOOD, 74, ""),
        (FAILING, 74, ""),
        (FAILING, 76, "cannot renew the certificate that ends on 2027-01-30: the directory is"),
        (FAILING, 91, "has a certificate that ended on 2027-01-30: the directory is away"),
        (CertificateStatus(error="x\ny"), 0, "has no certificate: x\\ny"),
        (CertificateStatus(), 0, "has no certificate"),
    ],
)
def test_a_failed_renewal_counts_from_half_of_the_time_left(status, days, words):
    assert status.fault(NOW + timedelta(days=days)).startswith(words)
    assert bool(words) == bool(status.fault(NOW + timedelta(days=days)))


def test_one_line_tells_how_it_is():
    assert GOOD.line == "until 2027-01-30 00:00 UTC, renewed from 2026-12-31 00:00 UTC on"
    assert FAILING.line.endswith("on: the directory is away")
    assert CertificateStatus(error="away").line.startswith("none is issued yet: away; a temporary")


def test_it_is_read_as_the_container_writes_it():
    said = b'{"hosts":["a.test"],"issued":false,"begins":null,"ends":null,"renewal":null,'
    said += b'"error":"away","failing_since":"2026-11-01T00:00:00+00:00","looked":"now"}'
    assert status_of(Prepared(said), "x") == CertificateStatus(
        hosts=("a.test",), error="away", failing_since=NOW
    )
    assert status_of(Prepared(b"cat: no such file"), "x") is None
