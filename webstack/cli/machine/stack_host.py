"""Points the environment at the machine that a stack runs on, where its settings name one."""

from __future__ import annotations

import json
from collections.abc import MutableMapping

from webstack.cli.terminal.errors import OpsError
from webstack.contract import stack_host
from webstack.docker.endpoint import TLS_VARIABLES
from webstack.engine.project import config
from webstack.engine.project.project import Project

_DAEMON = "DOCKER_HOST"
_NAMES = (_DAEMON, "DOCKER_CONTEXT", *TLS_VARIABLES)


def host_of(project: Project, stack: str) -> str | None:
    """Give the address that a stack's settings name, if they do; raises OpsError for another."""
    said = config.read_settings(project, stack).values.get(stack_host.SETTING)
    if said is None:
        return None
    if not isinstance(said, str) or not stack_host.is_address(said):
        raise OpsError(f"{stack_host.SETTING}: expected {stack_host.WORDS}", "correct the setting")
    return said


def point(environ: MutableMapping[str, str], host: str | None) -> None:
    """Let every Docker client started later use this machine, or what the user said without one.

    It wins over DOCKER_HOST and contexts: those are the user's, and the stack belongs to its host.
    """
    if (before := environ.pop(stack_host.BEFORE, None)) is not None:
        for name in _NAMES:
            environ.pop(name, None)
        environ.update(json.loads(before))
    if host is None:
        return
    said = {name: environ.pop(name) for name in _NAMES if name in environ}
    environ[stack_host.BEFORE] = json.dumps(said)
    environ[_DAEMON] = host


def use(project: Project, stack: str, environ: MutableMapping[str, str]) -> None:
    """Do both; raises OpsError where the setting is no address."""
    point(environ, host_of(project, stack))
