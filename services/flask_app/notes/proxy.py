"""Life behind nginx: whose forwarded headers count, and cookies under a path prefix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class SocketProxyFix(ProxyFix):
    """Believe the last X-Forwarded-For and -Proto of a peer on the unix socket, and nobody else.

    Only nginx reaches the socket. The host needs no fix, since nginx passes it on as it came;
    the path prefix neither, since gunicorn has made SCRIPT_NAME of it.
    """

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__(app, x_for=1, x_proto=1, x_host=0, x_port=0, x_prefix=0)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request with an address of its own on as it is."""
        if environ.get("REMOTE_ADDR"):
            return self.app(environ, start_response)
        return super().__call__(environ, start_response)


class PrefixSession(SecureCookieSessionInterface):
    """Session cookies that stay under the prefix, so that services on one host keep apart."""

    def get_cookie_path(self, app: Flask) -> str:
        """Give the path of the prefix that this very request came by."""
        return request.script_root or "/"
