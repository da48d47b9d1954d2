"""Flask's settings, from the environment's."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import make_url

from notes import cache
from webstack_service.environment import Environment

LARGEST_BODY = 64 * 1024
POOL = "DATABASE_POOL"
"""The variable that says how many connections each process may hold."""
PATIENCE = 5
"""Seconds that a thread waits for a connection of the pool."""


def for_flask(
    environment: Environment, pool: str | None = None, cache_url: str | None = None
) -> dict[str, Any]:
    """Translate the environment into Flask's words.

    ``pool`` is how many connections to the database each process may hold, and ``cache_url`` where
    Valkey listens.
    """
    return {
        **cache.for_flask(environment.service, cache_url),
        "DEBUG": environment.debug,
        "SECRET_KEY": environment.secret_key,
        "TRUSTED_HOSTS": _trusted(environment.allowed_hosts),
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "SESSION_COOKIE_NAME": f"{environment.service}_session",
        "SESSION_COOKIE_SECURE": environment.https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SQLALCHEMY_DATABASE_URI": database_url(environment.database_url),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(environment.database_url, pool),
        "SQLALCHEMY_RECORD_QUERIES": environment.debug,
        "SERVICE": environment.service,
        "RELEASE": environment.release,
    }


def database_url(url: str) -> str:
    """Name the driver where a URL names only the database, as PostgreSQL's usually do."""
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def engine_options(url: str, pool: str | None) -> dict[str, Any]:
    """Say how connections to a server are shared: each is asked whether it still lives.

    One that a restart of the server has ended would fail the request that gets it.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return {}
    size = {"pool_size": int(pool), "max_overflow": 0} if pool else {}
    return {**size, "pool_pre_ping": True, "pool_timeout": PATIENCE, "pool_recycle": 600}


def _trusted(hosts: tuple[str, ...]) -> list[str] | None:
    return None if "*" in hosts else list(hosts)
