"""Roles of a service: processes without HTTP, of its image and environment."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from infra.settings.types import (
    Command,
    Cpus,
    Line,
    LongSeconds,
    Mebibytes,
    Processes,
    QueueName,
    Seconds,
)

RoleHealth = Command | Seconds
"""A command that succeeds in a healthy container, or the seconds that one has to run."""


class Celery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What Celery runs in a role: a worker, or its clock (beat).

    ``app`` is where Celery finds the application. A task that takes longer than ``longest`` seconds
    is ended and has failed.
    """

    app: Line
    run: Literal["worker", "beat"] = "worker"
    queues: tuple[QueueName, ...] = ()
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    longest: LongSeconds = 300

    @property
    def is_worker(self) -> bool:
        """Tell whether it works on tasks."""
        return self.run == "worker"


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One role of a service; sizes in MiB, times in seconds.

    It runs its ``command``, or what ``celery`` says.
    No two containers of a ``single`` role run at the same time: the old one stops before the new
    one starts.
    """

    command: Command | None = None
    celery: Celery | None = None
    replicas: Annotated[int, msgspec.Meta(ge=1, le=32)] = 1
    single: bool = False
    cpus: Cpus = 1.0
    memory: Mebibytes = 256
    pids: Processes = 128
    health: RoleHealth = 5
    start_timeout: Seconds = 60
    grace: Seconds = 30

    @property
    def processes(self) -> int:
        """Give how many processes of a container work, each with connections of its own."""
        return self.celery.concurrency if self.celery and self.celery.is_worker else 1


class CronJob(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command that is run when its schedule is due.

    A run is left out while the run before has not ended, unless ``overlap`` allows it.
    """

    schedule: Line
    command: Command
    timezone: Line = "UTC"
    overlap: Literal["forbid", "allow"] = "forbid"
