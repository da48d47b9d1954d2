"""Tells whether what is declared does its work."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from webstack.cli.backends.composition import StackSession
from webstack.cli.deployments import stack_daemon
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text

if TYPE_CHECKING:
    from webstack.cli.daemon.containers import StackOnDocker

PATIENCE = 120
"""Seconds that a container has at most until its own health check says how it is."""


def faults(
    session: StackSession,
    docker: StackOnDocker | None = None,
    *,
    tries: int = 3,
    longest: float = 5,
    settled: float = 3,
    patience: float = PATIENCE,
) -> Mapping[str, str]:
    """Find what is declared and does not do its work, by container; none without a state.

    ``docker`` is the stack on its daemon where it is open already.

    A service is asked ``tries`` times, each time for ``longest`` seconds at most. What cannot be
    asked must have run for ``settled`` seconds; while its own health check is starting, it is
    waited for, ``patience`` seconds at most.
    """
    from webstack.cli.daemon.wellness import Wellness
    from webstack.engine.model.errors import EngineError

    try:
        state = StackState(session.records.export())
    except (OpsError, EngineError):
        return {}
    docker = docker or stack_daemon.on_docker(session)
    return Wellness(docker.api, state, tries, longest, settled, patience).faults()


def report(found: Mapping[str, str]) -> int:
    """Tell what was found; gives the exit code that it makes."""
    for name, said in found.items():
        print(f"error: {plain_text.line(f'{name} {said}')}", file=sys.stderr, flush=True)
    return 1 if found else 0
