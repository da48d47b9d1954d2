"""Connects by TLS with certificates and a key that are given as text."""

from __future__ import annotations

import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from requests.adapters import HTTPAdapter

from webstack.docker.endpoint import EndpointError
from webstack.docker.tls_material import NAMES, TlsMaterial


class TlsMaterialAdapter(HTTPAdapter):
    """Sends requests over TLS. It trusts the given authority and no other."""

    def __init__(self, material: TlsMaterial) -> None:
        self._context = _context(material)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Use the TLS context for all connections."""
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave verification to the TLS context, whatever the environment says."""

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        """Leave verification to the TLS context."""
        host, _ = super().build_connection_pool_key_attributes(request, True, None)
        return host, {}


def _context(material: TlsMaterial) -> ssl.SSLContext:
    """Load the texts. Python reads a key from a file only, which is removed at once."""
    try:
        context = ssl.create_default_context(cadata=material.authority)
        with TemporaryDirectory() as folder:
            certificate, key = Path(folder, "cert.pem"), Path(folder, "key.pem")
            for file, text in ((certificate, material.certificate), (key, material.key)):
                file.touch(0o600)
                file.write_text(text)
            context.load_cert_chain(certificate, key)
    except (ssl.SSLError, ValueError) as error:
        raise EndpointError(
            f"{', '.join(NAMES)} must be two certificates and a key in PEM that fit: {error}"
        ) from None
    return context
