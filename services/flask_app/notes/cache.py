"""What is worked out once and remembered for a while."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_caching import Cache

URL = "CACHE_URL"
"""The variable that says where Valkey listens; without it each process remembers for itself."""
PATIENCE = 1
"""Seconds that are waited for Valkey: what is remembered there can be worked out again."""

cache = Cache()


def for_flask(service: str, url: str | None) -> dict[str, Any]:
    """Give the settings of Flask-Caching; services that share a Valkey keep apart by prefix."""
    if not url:
        return {"CACHE_TYPE": "SimpleCache"}
    return {
        "CACHE_TYPE": "RedisCache",
        "CACHE_REDIS_URL": url,
        "CACHE_KEY_PREFIX": f"{service}:",
        "CACHE_OPTIONS": {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE},
    }


def init_app(app: Flask) -> None:
    """Give an application the cache."""
    cache.init_app(app)
