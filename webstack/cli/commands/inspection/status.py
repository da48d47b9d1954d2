"""`status`: show services, containers and their health."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timezone

from msgspec import to_builtins
from msgspec.structs import asdict, replace

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.containers import Container, StackOnDocker
from webstack.cli.daemon.data import kept_backups
from webstack.cli.daemon.data.tasks import BROKER, Tasks, tasks_of
from webstack.cli.daemon.jobs import Job, jobs_of
from webstack.cli.daemon.looks import traffic
from webstack.cli.daemon.nginx import caches
from webstack.cli.daemon.nginx.certificates import ROLE, CertificateStatus, status_of
from webstack.cli.deployments import stack_daemon, stack_health
from webstack.cli.terminal.arguments import add_shared, add_stack
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.summary import services_of
from webstack.cli.terminal.tables import local_time, table
from webstack.contract import plain_text
from webstack.contract.role_names import backed_up
from webstack.docker.errors import DaemonError
from webstack.engine.model.errors import EngineError

_BRIEFLY = {"tries": 1, "longest": 3, "settled": 0, "patience": 0}
_LATELY = 60
"""Seconds of which requests are shown."""
JOB_HEADINGS = (
    *("ROLE", "JOB", "SCHEDULE", "LAST RUN", "RESULT", "NEXT RUN"),
    *("RUNS", "FAILED", "MISSED"),
)
QUEUE_HEADINGS = ("QUEUE", "WAITING")
HEADINGS = ("SERVICE", "CONTAINER", "STATE", "HEALTH", "RELEASE", "MEMORY", "RESTARTS", "URL")


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """Show each container of the stack; exit code 1 if one is not well."""
    session = session_setup.session_of(options)
    docker = stack_daemon.on_docker(session)
    # The daemon takes up to a second to tell how much memory is used: time enough to ask.
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(stack_health.faults, session, docker, **_BRIEFLY)
        listed = docker.containers()
        found = asked.result()
    certificates, jobs = _certificates(docker, listed), jobs_of(docker, listed)
    found = {**_expiring(certificates), **kept_backups.faults(jobs), **found}
    containers = [replace(item, fault=found.get(item.name, "")) for item in listed]
    urls = _urls(session)
    tasks, backups = tasks_of(docker, containers), kept_backups.reports_of(docker, containers)
    if options.json:
        shown = [
            {
                **asdict(item),
                "url": urls.get(item.service, ""),
                **({"jobs": jobs[item.name]} if item.name in jobs else {}),
                **({"certificate": certificates[item.name]} if item.name in certificates else {}),
                **({"tasks": tasks} if tasks and item.role == BROKER else {}),
                **({"backups": backups[item.service]} if item.service in backups else {}),
            }
            for item in containers
        ]
        print(json_text(to_builtins(shown)))
    elif containers:
        print(table(HEADINGS, [_row(item, urls) for item in containers]))
        if counted := _traffic(docker, listed):
            rows = [each.cells for each in counted.shown]
            said = [table(traffic.HEADINGS, rows), counted.sentence, *counted.warnings]
            print("", *said, sep="\n")
        if rows := [*_jobs(containers, jobs)]:
            print(f"\n{table(JOB_HEADINGS, rows)}")
        for name, (hits, total) in _shares(docker, listed).items():
            print(f"\ncache: {name}: {_share(hits, total)}")
        for each in certificates.values():
            print(f"\ncertificate: {each.line}")
        if tasks:
            print(f"\n{table(QUEUE_HEADINGS, _queues(tasks))}\n{tasks.sentence}")
        for name, report in backups.items():
            print(f"\n{report.sentence(time.time(), backed_up(name) or '')}")
    else:
        print(f"{session.stack} has no containers; start it with `webstack up`.", file=sys.stderr)
    return stack_health.report(found) or int(not all(item.is_well for item in containers))


def _urls(session: StackSession) -> dict[str, str]:
    try:
        services = services_of(session.records.outputs())
    except (OpsError, EngineError):
        return {}  # containers can be looked at without a state, too
    return {name: str(service.get("url", "")) for name, service in services.items()}


def _expiring(certificates: Mapping[str, CertificateStatus]) -> dict[str, str]:
    now = datetime.now(timezone.utc)
    return {name: said for name, each in certificates.items() if (said := each.fault(now))}


def _certificates(
    docker: StackOnDocker, containers: Sequence[Container]
) -> Mapping[str, CertificateStatus]:
    """Give how the certificate is, by the container that orders it."""
    names = [each.name for each in containers if each.role == ROLE and each.state == "running"]
    return {name: found for name in names if (found := status_of(docker.api, name))}


def _traffic(docker: StackOnDocker, containers: Sequence[Container]) -> traffic.Traffic | None:
    counting = traffic.counting(containers)
    return traffic.traffic(docker.api, counting, _LATELY) if counting else None


def _shares(
    docker: StackOnDocker, containers: Sequence[Container]
) -> Mapping[str, tuple[int, int]]:
    """Give how often answers came from memory lately, by service."""
    names = [each.name for each in containers if each.role == "proxy" and each.state == "running"]
    found: dict[str, tuple[int, int]] = {}
    for name in names:
        with suppress(DaemonError):
            found |= caches.shares(docker.api, name)
    return found


def _share(hits: int, total: int) -> str:
    if not total:
        return "not asked lately"
    return f"{100 * hits / total:.0f} % of the last {total:,} requests were answered from memory"


def _jobs(
    containers: Sequence[Container], jobs: Mapping[str, Mapping[str, Job]]
) -> Iterator[tuple[str, ...]]:
    for item in containers:
        for name, job in jobs.get(item.name, {}).items():
            last, coming = (local_time(each) if each else "" for each in (job.last, job.next))
            counts = (str(each) for each in (job.runs, job.failures, job.missed))
            yield (item.service, name, job.schedule, last, job.result, coming, *counts)


def _queues(tasks: Tasks) -> list[tuple[str, ...]]:
    return [(plain_text.line(name), str(waiting)) for name, waiting in sorted(tasks.queues.items())]


def _row(item: Container, urls: dict[str, str]) -> tuple[str, ...]:
    return (
        item.service,
        item.name,
        item.state,
        "failing" if item.fault else item.health,
        item.release,
        item.memory_text,
        str(item.restarts),
        urls.get(item.service, ""),
    )
