"""The database's settings, from its URL."""

from __future__ import annotations

from typing import Any

import dj_database_url

KEPT_SECONDS = 600

# Readers and the writer do not wait for each other, and writers wait for their turn.
SQLITE = {
    "timeout": 10,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
}


def for_django(url: str) -> dict[str, Any]:
    """Translate a URL, of SQLite or PostgreSQL, into Django's words."""
    settings: dict[str, Any] = dict(
        dj_database_url.parse(url, conn_max_age=KEPT_SECONDS, conn_health_checks=True)
    )
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = {**settings.get("OPTIONS", {}), **SQLITE}
    return settings
