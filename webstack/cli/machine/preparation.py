"""Prepares the virtual environment and the Docker daemon at the same time."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from webstack.cli.machine.docker_daemon import provide_daemon
from webstack.cli.machine.virtualenv import Virtualenv
from webstack.cli.terminal.progress import Reporter


def together(environment: Virtualenv, daemon: bool, reporter: Reporter) -> None:
    """Do both, and raise what the first of them raised once both have ended."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs: list[Future[Any]] = [pool.submit(environment.make, reporter)]
        if daemon:
            jobs.append(pool.submit(provide_daemon, environment.project, reporter))
    for job in jobs:
        job.result()
