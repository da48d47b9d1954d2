"""Reads certificates and key from a provider's settings, where they are texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from webstack.docker.endpoint import EndpointError

NAMES: Final = ("caMaterial", "certMaterial", "keyMaterial")


class TlsMaterial(msgspec.Struct, frozen=True):
    """Holds the authority's certificate, the client's certificate and its key, in PEM."""

    authority: str
    certificate: str
    key: str

    def __repr__(self) -> str:
        return "Material(…)"


def material_in(config: Mapping[str, Any]) -> TlsMaterial | None:
    """Read a provider's settings; raises EndpointError where one of the three is missing."""
    given = [str(config.get(name) or "") for name in NAMES]
    if not any(given):
        return None
    missing = [name for name, text in zip(NAMES, given, strict=True) if not text]
    if missing:
        raise EndpointError(f"{', '.join(NAMES)} go together: {', '.join(missing)} is missing")
    if config.get("certPath"):
        raise EndpointError(f"certPath and {', '.join(NAMES)} exclude each other: keep one")
    return TlsMaterial(*given)
