"""Opens what a stack has on a Docker daemon that answers already; starts none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.prune_selection import is_base
from webstack.cli.machine import stack_host
from webstack.cli.machine.docker_discovery import find
from webstack.cli.machine.docker_endpoints import candidates
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.summary import Leftovers

if TYPE_CHECKING:
    from webstack.cli.daemon.containers import StackOnDocker


def use_daemon(session: StackSession) -> bool:
    """Point the environment at the stack's daemon, if one answers; gives whether one does."""
    stack_host.use(session.project, session.stack, os.environ)
    endpoint = find(candidates(os.environ, Path.home()))
    if endpoint:
        os.environ.update(endpoint.variables)
    return endpoint is not None


def on_docker(session: StackSession) -> StackOnDocker:
    """Open what the stack has on a daemon that answers; raises OpsError where none does."""
    if not use_daemon(session):
        raise OpsError("no Docker daemon answers", "`webstack up` starts one")
    from webstack.cli.daemon.containers import StackOnDocker

    return StackOnDocker(session.project.name, session.stack)


def leftovers(session: StackSession) -> Leftovers:
    """Find what the stack leaves on the daemon."""
    docker = on_docker(session)
    images = {name: size for name, size in docker.image_sizes().items() if not is_base(name)}
    return Leftovers(docker.volumes(), list(images), sum(images.values()))
