"""Describes how clients reach the proxy, as values."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Tls:
    """Tells the proxy to speak HTTPS.

    ``published`` is the port that clients use, for redirects. ``profile`` says how old clients may
    be. ``redirect`` sends those who come without TLS to HTTPS. ``hsts`` is the header that keeps
    browsers there, empty for none. With ``challenges`` a directory of certificates may ask
    without TLS whether the hosts are ours.
    """

    published: int = 443
    profile: Literal["intermediate", "modern"] = "intermediate"
    redirect: bool = True
    hsts: str = ""
    challenges: bool = False

    @property
    def suffix(self) -> str:
        """Return what follows a host name in an address: ":8443", or nothing for the usual port."""
        return "" if self.published == 443 else f":{self.published}"
