"""The database's settings, from its URL."""

from __future__ import annotations

from typing import Any

import dj_database_url

KEPT_SECONDS = 600
POOL = "DATABASE_POOL"
"""The variable that says how many connections each process may hold."""
# Who waits longer for a connection than this is told that the database is away; a pool that could
# not connect for that long begins anew, so that it is back as soon as the database is.
PATIENCE = 5

# Readers and the writer do not wait for each other, and writers wait for their turn.
SQLITE = {
    "timeout": 10,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
}


def for_django(url: str, pool: str | None = None) -> dict[str, Any]:
    """Translate a URL, of SQLite or PostgreSQL, into Django's words.

    ``pool`` is how many connections each process may hold: then threads share them.
    """
    settings: dict[str, Any] = dict(
        dj_database_url.parse(url, conn_max_age=KEPT_SECONDS, conn_health_checks=True)
    )
    options = settings.get("OPTIONS", {})
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = {**options, **SQLITE}
    elif pool:
        shared = {
            "min_size": 1,
            "max_size": int(pool),
            "timeout": PATIENCE,
            "reconnect_timeout": PATIENCE,
        }
        # Django refuses a pool whose connections it shall keep by itself as well.
        settings |= {"CONN_MAX_AGE": 0, "OPTIONS": {**options, "pool": shared}}
    return settings
