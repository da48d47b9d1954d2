"""Names the static files of services, in the settings, in releases and within nginx alike."""

from __future__ import annotations

from typing import Final

STATIC_PATH: Final = "/static"
"""Where a service's own folder of static files is served, below the path of the service."""


def static_name(service: str, path: str = STATIC_PATH) -> str:
    """Name the static files of a service at one path: ``shop``, or ``shop.assets`` at /assets.

    No name of a service has a dot in it. Two paths that differ in dots and slashes alone have one
    name.
    """
    return service if path == STATIC_PATH else f"{service}{path.replace('/', '.')}"
