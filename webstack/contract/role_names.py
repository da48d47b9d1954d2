"""Names the roles of services in a stack."""

from __future__ import annotations

from typing import Final

CRON: Final = "cron"
"""The role that runs the jobs of a service."""


def full_name(service: str, role: str) -> str:
    """Give the name that a role has in the stack: ``shop-worker``."""
    return f"{service}-{role}"


def backup_name(owner: str) -> str:
    """Give the name of what makes backups of an owner's files: ``shop-backup-cron``."""
    return full_name(full_name(owner, "backup"), CRON)


def backed_up(name: str) -> str | None:
    """Give whose files what has this name makes backups of; None where it makes none of files."""
    end = backup_name("")
    return name.removesuffix(end) if name.endswith(end) and name != end else None


def makes_backups(name: str) -> bool:
    """Tell whether what has this name makes backups, of a database or of files."""
    return name == full_name("postgres", CRON) or backed_up(name) is not None


def runs_jobs(name: str) -> bool:
    """Tell whether a name in the stack is that of a role that runs jobs."""
    return name.endswith(full_name("", CRON))
