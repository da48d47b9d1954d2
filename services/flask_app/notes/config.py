"""Flask's settings, from the environment's."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import make_url

from webstack_service.environment import Environment

LARGEST_BODY = 64 * 1024


def for_flask(environment: Environment) -> dict[str, Any]:
    """Translate the environment into Flask's words."""
    return {
        "DEBUG": environment.debug,
        "SECRET_KEY": environment.secret_key,
        "TRUSTED_HOSTS": _trusted(environment.allowed_hosts),
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "SESSION_COOKIE_NAME": f"{environment.service}_session",
        "SESSION_COOKIE_SECURE": environment.https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SQLALCHEMY_DATABASE_URI": database_url(environment.database_url),
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


def _trusted(hosts: tuple[str, ...]) -> list[str] | None:
    return None if "*" in hosts else list(hosts)
