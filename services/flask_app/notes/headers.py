"""What every response tells the browser not to do, and https where there is https."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from webstack_service.environment import Environment

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
# Browsers ignore it over http, and complain. How long they shall stay at https says the proxy,
# for all services of the host.
OVER_HTTPS = {"Cross-Origin-Opener-Policy": "same-origin"}


def init_app(app: Flask, environment: Environment) -> None:
    """Have each response carry the headers that suit the environment."""
    headers = chosen(environment)

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    if environment.https:
        app.before_request(to_https)


def chosen(environment: Environment) -> dict[str, str]:
    """Choose the headers; in debug without the policy, which would stop the toolbar's scripts."""
    headers = dict(ALWAYS)
    if not environment.debug:
        headers["Content-Security-Policy"] = POLICY
    if environment.https:
        headers |= OVER_HTTPS
    return headers


def to_https() -> AnyResponse | None:
    """Send a browser that came by http to the same place by https."""
    if request.is_secure:
        return None
    return redirect(request.url.replace("http:", "https:", 1), 301)
