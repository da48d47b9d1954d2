"""Roles of a service: processes without HTTP, of its image and environment."""

from __future__ import annotations

from typing import Annotated

import msgspec

from infra.settings.types import Command, Cpus, Mebibytes, Processes, Seconds

RoleHealth = Command | Seconds
"""A command that succeeds in a healthy container, or the seconds that one has to run."""


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One role of a service; sizes in MiB, times in seconds.

    Of a ``single`` one no two containers run at any time: the old one stops before the new one
    starts.
    """

    command: Command
    replicas: Annotated[int, msgspec.Meta(ge=1, le=32)] = 1
    single: bool = False
    cpus: Cpus = 1.0
    memory: Mebibytes = 256
    pids: Processes = 128
    health: RoleHealth = 5
    start_timeout: Seconds = 60
    grace: Seconds = 30


def full_name(service: str, role: str) -> str:
    """Give the name that a role has in the stack: ``shop-worker``."""
    return f"{service}-{role}"
