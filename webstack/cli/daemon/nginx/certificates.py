"""Reads how the ordering of certificates goes, from the container that orders them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from webstack.cli.daemon.container_json import json_of
from webstack.contract import plain_text
from webstack.contract.container_paths import CERTIFICATES_STATUS

ROLE = "certificates"
_LONGEST_ERROR = 300


class CertificateStatus(msgspec.Struct, frozen=True):
    """Holds how a certificate is, and the last try to order one that failed.

    ``renewal`` is when the next one is ordered.
    """

    hosts: tuple[str, ...] = ()
    issued: bool = False
    ends: datetime | None = None
    renewal: datetime | None = None
    error: str = ""
    failing_since: datetime | None = None

    def fault(self, now: datetime) -> str:
        """Say what somebody has to see to; empty if nothing.

        A renewal that fails is tried again. It counts from half of the time that is left for it.
        """
        if not self.issued or self.ends is None or self.renewal is None:
            return f"has no certificate{self._because}"
        if self.ends <= now:
            return f"has a certificate that ended on {self.ends:%Y-%m-%d}{self._because}"
        if self.error and now >= self.renewal + (self.ends - self.renewal) / 2:
            return f"cannot renew the certificate that ends on {self.ends:%Y-%m-%d}{self._because}"
        return ""

    @property
    def line(self) -> str:
        """Say in one line how it is."""
        if not self.issued or self.ends is None or self.renewal is None:
            return f"none is issued yet{self._because}; a temporary one or the last one is served"
        renewed = f"renewed from {self.renewal:%Y-%m-%d %H:%M} UTC on{self._because}"
        return f"until {self.ends:%Y-%m-%d %H:%M} UTC, {renewed}"

    @property
    def _because(self) -> str:
        return f": {plain_text.line(self.error)[:_LONGEST_ERROR]}" if self.error else ""


def status_of(api: Any, container: str) -> CertificateStatus | None:
    """Give what the container says; None if it cannot say."""
    return json_of(api, container, ("cat", CERTIFICATES_STATUS), CertificateStatus)
