"""Life behind nginx: the client's address, and cookies under a path prefix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def behind_proxy(get_response: GetResponse) -> GetResponse:
    """Make the middleware that finds the client behind the proxy and confines cookies."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = client_address(request.META)
        response = get_response(request)
        confine_cookies(response, request.META.get("SCRIPT_NAME", ""))
        return response

    return middleware


def client_address(meta: dict[str, Any]) -> str:
    """Take the last address that was forwarded over the unix socket; only nginx reaches that.

    A peer with an address of its own is believed that one, whatever its headers say.
    """
    peer: str = meta.get("REMOTE_ADDR", "")
    forwarded: str = meta.get("HTTP_X_FORWARDED_FOR", "")
    return peer or forwarded.rpartition(",")[2].strip()


def confine_cookies(response: HttpResponse, prefix: str) -> None:
    """Let cookies for the whole host stay under the prefix that this very request came by."""
    for cookie in response.cookies.values():
        if prefix and cookie["path"] == "/":
            cookie["path"] = prefix
