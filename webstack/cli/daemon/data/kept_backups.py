"""Reads what there is of backups at their time, from the container that makes them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import msgspec

from webstack.cli.daemon.containers import Container, StackOnDocker
from webstack.cli.daemon.jobs import Job
from webstack.contract.role_names import CRON, full_name
from webstack.docker.errors import DaemonError

KEEPER = full_name("postgres", CRON)
JOB = "backup"
_REPORT = ["webstack-backup", "report"]


class Kept(msgspec.Struct, frozen=True):
    """Holds one backup: when it was complete, its bytes, and the seconds to restore it."""

    name: str
    ended: int
    size: int
    seconds: int | None = None


class Report(msgspec.Struct, frozen=True):
    """Holds the newest backup, the newest that is proven, and until when each moment is kept."""

    newest: Kept | None
    proven: Kept | None
    archived: int

    def sentence(self, now: float) -> str:
        """Tell in words what would come back, and what would be lost."""
        if self.proven is None:
            return "Backups: none is proven yet."
        size = f"{self.proven.size / 2**20:.1f} MiB"
        took = f", restored in {self.proven.seconds} s" if self.proven.seconds is not None else ""
        lost = max(0, now - max(self.archived, self.proven.ended))
        return (
            f"Backups: {self.proven.name} is proven ({_age(now - self.proven.ended)} old, {size}"
            f"{took}); what was written in the last {_age(lost)} could be lost."
        )


def report_of(docker: StackOnDocker, containers: Iterable[Container]) -> Report | None:
    """Give what there is; None where backups have no schedule, or nobody can say."""
    for each in containers:
        if each.service == KEEPER and each.state == "running":
            return _asked(docker.api, each.name)
    return None


def faults(jobs: Mapping[str, Mapping[str, Job]]) -> dict[str, str]:
    """Give what is wrong with backups, by container: one failed, or takes past the next."""
    own = {name: found[JOB] for name, found in jobs.items() if name.endswith(f"-{KEEPER}")}
    return {name: said for name, job in own.items() if (said := _fault(job))}


def _fault(job: Job) -> str:
    if job.last_code:
        return f"has failed to back up or to prove it, {_when(job.last)}; `webstack logs {KEEPER}`"
    if job.missed and job.last and job.last_code is None:
        return f"has not ended what it began {_when(job.last)}; `webstack logs {KEEPER}`"
    return ""


def _asked(api: Any, container: str) -> Report | None:
    try:
        job = api.exec_create(container, _REPORT, stderr=False)["Id"]
        return msgspec.json.decode(api.exec_start(job), type=Report)
    except (DaemonError, msgspec.DecodeError):
        return None


def _age(seconds: float) -> str:
    for unit, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {word}"
    return f"{seconds:.0f} s"


def _when(moment: str | None) -> str:
    if not moment:
        return "at no known time"
    passed = time.time() - datetime.fromisoformat(moment).astimezone(timezone.utc).timestamp()
    return f"{_age(max(0, passed))} ago"
