"""The settings of what is remembered for a while: in Valkey, or by each process for itself."""

from __future__ import annotations

from typing import Any

URL = "CACHE_URL"
"""The variable that says where Valkey listens."""
PATIENCE = 1
"""Seconds that are waited for Valkey."""


def for_django(service: str, url: str | None) -> dict[str, Any]:
    """Give the default cache; services that share a Valkey keep apart by prefix."""
    if not url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": service,
        "OPTIONS": {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE},
    }


def sessions(url: str | None) -> str:
    """Name what keeps sessions: the database, which a cache that forgets may stand before."""
    return f"django.contrib.sessions.backends.{'cached_db' if url else 'db'}"
