"""Tells uv in its own words where pip's settings have Python packages come from."""

from __future__ import annotations

import ast
from collections.abc import Mapping

# uv reads none of pip's settings. What uv is told already wins over what pip is told.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
COMMA_SEPARATED = {"UV_FIND_LINKS"}


def uv_environment(pip_settings: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Make uv's environment from ``environ`` and the output of `pip config list`."""
    chosen: dict[str, str] = {}
    for key, value in _settings(pip_settings):
        name = UV_NAMES.get(key)
        if name and value:
            words = value.split()
            chosen[name] = ("," if name in COMMA_SEPARATED else " ").join(words)
    return {**chosen, **environ}


def _settings(listing: str) -> list[tuple[str, str]]:
    """Read lines such as ``global.index-url='…'``; pip lists the weakest first."""
    settings = []
    for line in listing.splitlines():
        name, separator, literal = line.partition("=")
        section, _, key = name.rpartition(".")
        if separator and section in ("global", "install", ":env:"):
            settings.append((key, str(ast.literal_eval(literal))))
    return settings
