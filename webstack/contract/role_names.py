"""Names the roles of services in a stack."""

from __future__ import annotations

from typing import Final

CRON: Final = "cron"
"""The role that runs the jobs of a service."""


def full_name(service: str, role: str) -> str:
    """Give the name that a role has in the stack: ``shop-worker``."""
    return f"{service}-{role}"


def runs_jobs(name: str) -> bool:
    """Tell whether a name in the stack is that of a role that runs jobs."""
    return name.endswith(full_name("", CRON))
