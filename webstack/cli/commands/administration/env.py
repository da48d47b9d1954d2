"""`env`: print what the Pulumi CLI needs, as exports for a shell."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from webstack.cli.backends import pulumi_environment
from webstack.cli.backends.composition import identified
from webstack.cli.machine import stack_host
from webstack.cli.machine.docker_discovery import find
from webstack.cli.machine.docker_endpoints import candidates
from webstack.cli.terminal.arguments import add_stack
from webstack.cli.terminal.errors import OpsError
from webstack.docker.endpoint import Endpoint
from webstack.engine.project.project import Project


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)


def run(options: Namespace) -> int:
    """Print what the Pulumi CLI needs to find state, passphrase and daemon, for a shell's eval."""
    project, name = identified(options.stack, options.cwd, os.environ)
    added = pulumi_environment.variables(project, name, os.environ)
    pulumi_environment.make_state_folder(Project.load(project.root, {**os.environ, **added}))
    said = dict(os.environ)
    stack_host.use(project, name, os.environ)
    endpoint = _daemon_in_use()
    named = endpoint.variables if endpoint else {}
    unsaid = {name: value for name, value in named.items() if said.get(name) != value}
    print(pulumi_environment.exports({**unsaid, **added}), end="")
    for name in endpoint.misleading if endpoint else ():
        if name in said:
            print(f"unset {name}")
    return 0


def _daemon_in_use() -> Endpoint | None:
    try:
        return find(candidates(os.environ, Path.home()))
    except OpsError:
        return None  # whoever runs the CLI then hears of it from there
