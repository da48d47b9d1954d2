"""Provides a Docker daemon: one that answers, else one that is started or installed."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

from webstack.cli.machine.docker_discovery import find
from webstack.cli.machine.docker_endpoints import candidates
from webstack.cli.terminal.progress import Reporter
from webstack.docker.endpoint import Endpoint


def provide_daemon(
    project: Path,
    reporter: Reporter,
    environ: MutableMapping[str, str] | None = None,
    home: Path | None = None,
) -> Endpoint:
    """Find, start or install a daemon, and point the environment at it.

    Everything that runs after this, in this process or below it, uses the same daemon.
    """
    environ = os.environ if environ is None else environ
    endpoints = candidates(environ, home or Path.home())
    endpoint = find(endpoints)
    if endpoint is None:
        # Seldom needed, and every command would load it.
        from webstack.cli.machine.docker_setup import bring_up

        endpoint = bring_up(endpoints, project, reporter)
    environ.update(endpoint.variables)
    for name in endpoint.misleading:
        environ.pop(name, None)
    return endpoint
