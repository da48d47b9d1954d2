"""Reads what there is of backups at their time, from the container that makes them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

import msgspec

from webstack.cli.daemon.container_json import json_of
from webstack.cli.daemon.containers import Container, StackOnDocker
from webstack.cli.daemon.jobs import Job
from webstack.contract.role_names import CRON, backed_up, full_name

KEEPER = full_name("postgres", CRON)
JOB = "backup"
_REPORT = ["webstack-backup", "report"]
_REPORT_OF_FILES = ["webstack-files", "report"]


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

    def sentence(self, now: float, of: str = "") -> str:
        """Tell in words what would come back ``of`` whom, and what would be lost."""
        what = f"Backups of {of}" if of else "Backups"
        if self.proven is None:
            return f"{what}: none is proven yet."
        size = f"{self.proven.size / 2**20:.1f} MiB"
        took = f", restored in {self.proven.seconds} s" if self.proven.seconds is not None else ""
        lost = max(0, now - max(self.archived, self.proven.ended))
        return (
            f"{what}: {self.proven.name} is proven ({_age(now - self.proven.ended)} old, {size}"
            f"{took}); what was written in the last {_age(lost)} could be lost."
        )


def reports_of(docker: StackOnDocker, containers: Iterable[Container]) -> dict[str, Report]:
    """Give what there is, by what makes it; without those that have no schedule, or cannot say."""
    found = {}
    for each in containers:
        command = _command(each.service)
        if command and each.state == "running":
            report = json_of(docker.api, each.name, command, Report)
            if report:
                found[each.service] = report
    return found


def _command(name: str) -> list[str] | None:
    """Give what a container of this name is asked for its report by; None where it has none."""
    if name == KEEPER:
        return _REPORT
    return _REPORT_OF_FILES if backed_up(name) else None


def faults(jobs: Mapping[str, Mapping[str, Job]]) -> dict[str, str]:
    """Give what is wrong with backups, by container: one failed, or takes past the next."""
    own = {
        name: found[JOB]
        for name, found in jobs.items()
        if JOB in found and (name.endswith(f"-{KEEPER}") or backed_up(name))
    }
    return {name: said for name, job in own.items() if (said := _fault(job))}


def _fault(job: Job) -> str:
    see = "`webstack logs` says why"
    if job.last_code:
        return f"has failed to back up or to prove it, {_when(job.last)}; {see}"
    if job.missed and job.last and job.last_code is None:
        return f"has not ended what it began {_when(job.last)}; {see}"
    return ""


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
