"""Makes the TLS context of one daemon: it trusts that daemon's own authority and no other."""

from __future__ import annotations

import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

from webstack.docker.endpoint import EndpointError, TlsFiles
from webstack.docker.tls_material import NAMES, TlsMaterial


def of_files(files: TlsFiles) -> ssl.SSLContext:
    """Load files; without an authority the daemon is not verified. Raises EndpointError."""
    try:
        context = ssl.create_default_context(cafile=files.authority)
        if files.authority is None:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if files.client is not None:
            context.load_cert_chain(*files.client)
    except (OSError, ValueError) as error:
        named = ", ".join(filter(None, [files.authority, *(files.client or ())]))
        raise EndpointError(
            f"{named} must be certificates and a key in PEM that fit: {error}"
        ) from None
    return context


def of_system() -> ssl.SSLContext:
    """Trust what this machine trusts."""
    return ssl.create_default_context()


def of_material(material: TlsMaterial) -> ssl.SSLContext:
    """Load texts; raises EndpointError.

    Python reads a key from a file only, which is removed at once.
    """
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
