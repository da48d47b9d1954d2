"""Declares HTTPS: certificates, what may be agreed on, and where clients without it are heard.

The name of the certificate is a variable: nginx then reads the file at each full handshake, as the
user that it runs as. So a certificate is renewed without a reload.
"""

from proxy.closing import closing_check, closing_locations, looked_at_anew
from proxy.edge.values import Tls
from proxy.errors import error_locations
from proxy.paths import (
    CERTIFICATES_DIRECTORY,
    CHALLENGES_DIRECTORY,
    SITE_CERTIFICATE,
    TICKET_KEYS,
    TLS_PORT,
)
from proxy.site import Site
from proxy.syntax import Node, block, directive, group, quoted, remark
from proxy.variables import EMPTY, table

BACKLOG = 4096

# Of clients that know no TLS 1.3; all have forward secrecy and authenticated encryption.
CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)

_PROTOCOLS = {"modern": ("TLSv1.3",), "intermediate": ("TLSv1.2", "TLSv1.3")}


def tls_settings(site: Site) -> Node:
    """Declare what all servers that speak TLS have in common; nothing without TLS.

    No curves are named: OpenSSL's own list has the hybrid post-quantum exchange. Nor is there
    stapling: certificates name no responder any more, and nginx would warn.
    """
    tls = site.tls
    if tls is None:
        return group()
    certificate = f"{CERTIFICATES_DIRECTORY}/$certificate.pem"
    return group(
        table(
            "$ssl_server_name",
            "$certificate",
            {"default": SITE_CERTIFICATE},
            note="A name from a variable is read anew, so that a renewal needs no reload.",
        ),
        remark("TLS."),
        directive("ssl_certificate", certificate),
        directive("ssl_certificate_key", certificate),
        directive("ssl_protocols", *_PROTOCOLS[tls.profile]),
        *([_ciphers()] if tls.profile == "intermediate" else []),
        directive("ssl_prefer_server_ciphers", "off"),
        directive("ssl_session_cache", "shared:tls:5m"),
        directive("ssl_session_timeout", "1d"),
        remark("The keys are files, so that sessions outlive reloads and this nginx."),
        *(directive("ssl_session_ticket_key", key) for key in TICKET_KEYS),
    )


def hsts_table(tls: Tls | None) -> Node:
    """Declare the header that keeps browsers at HTTPS, unless the service has its own."""
    asked = {"https": quoted(tls.hsts)} if tls and tls.hsts else {}
    return table(
        quoted("$scheme$upstream_http_strict_transport_security"),
        "$hsts",
        {"default": EMPTY, **asked},
    )


def listens(site: Site) -> Node:
    """Declare where a server with routes listens."""
    plain = directive("listen", site.listen)
    if site.tls is None:
        return plain
    return group(*([] if site.tls.redirect else [plain]), _encrypted())


def default_listens(site: Site) -> list[Node]:
    """Declare where the servers for unknown hosts listen: one server for each place."""
    plain = directive("listen", site.listen, "default_server", f"backlog={BACKLOG}")
    return [plain, *([_encrypted("default_server", f"backlog={BACKLOG}")] if site.tls else [])]


def challenge_location(site: Site) -> Node:
    """Answer a directory of certificates, where there is a keeper that orders from it."""
    if site.tls is None or not site.tls.challenges:
        return group()
    return block(
        "location ^~ /.well-known/acme-challenge/",
        looked_at_anew(),
        directive("alias", f"{CHALLENGES_DIRECTORY}/"),
        directive("default_type", "text/plain"),
        directive("gzip", "off"),
        directive("log_not_found", "off"),
        note="What the keeper of certificates has been asked.",
    )


def redirect_server(site: Site) -> Node:
    """Send clients without TLS to the same address with it; nothing if that is not asked."""
    if site.tls is None or not site.tls.redirect or not site.names:
        return group()
    return block(
        "server",
        directive("listen", site.listen),
        directive("server_name", *site.names),
        closing_check(),
        challenge_location(site),
        block(
            "location /",
            directive("return", 308, f"https://$host{site.tls.suffix}$request_uri"),
        ),
        closing_locations(site),
        error_locations(),
        note="Whoever comes without TLS is sent to HTTPS.",
    )


def _encrypted(*more: str) -> Node:
    """Listen with TLS, and with HTTP/2 there. Without TLS no client needs HTTP/2."""
    return group(directive("listen", TLS_PORT, "ssl", *more), directive("http2", "on"))


def _ciphers() -> Node:
    return directive("ssl_ciphers", ":".join(CIPHERS))
