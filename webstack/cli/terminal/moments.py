"""Reads moments of time that users write."""

from __future__ import annotations

from datetime import datetime, timezone

from webstack.cli.terminal.errors import OpsError


def moment(text: str) -> datetime:
    """Read a moment; raises OpsError for what is none, or has no zone."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise OpsError(f"{text} is no moment", "write one such as 2026-12-24T18:00:00Z")
    return found.astimezone(timezone.utc)
