"""Prepares what commands begin with: the stack, the Docker daemon, the runner of the program."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from webstack.cli.backends.composition import StackSession, open_session
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.machine import stack_host
from webstack.cli.machine.docker_daemon import provide_daemon
from webstack.cli.terminal.progress import reporter

_SAID = (
    "target_dependents",
    "refresh",
    "diff",
    "expect_no_changes",
    "exclude_protected",
    "parallel",
    "adopt",
)


def session_of(
    options: Namespace, *, stack: str | None = None, ahead: bool = False
) -> StackSession:
    """Open the stack that the options name, or another one by the same options.

    What will need its key says so with ``ahead``.
    """
    named = options.stack if stack is None else stack
    return open_session(named, options.engine, options.cwd, os.environ, ahead=ahead)


def announced(options: Namespace, *, ahead: bool = True) -> StackSession:
    """Open the stack, and say what runs the program."""
    session = session_of(options, ahead=ahead)
    print(f"{session.stack}: run by {session.choice}", file=sys.stderr, flush=True)
    return session


def announced_with_daemon(options: Namespace) -> StackSession:
    """Open the stack, with a Docker daemon at hand for whatever runs the program."""
    session = announced(options)
    ensure_daemon(session)
    return session


def ensure_daemon(session: StackSession) -> None:
    """Find the stack's Docker daemon, or start one here; raises OpsError where there is none."""
    stack_host.use(session.project, session.stack, os.environ)
    provide_daemon(session.project.root, reporter())


def run_options(options: Namespace) -> OperationOptions:
    """Take from the command line how the program is to be run."""
    given = vars(options)
    return OperationOptions(
        targets=tuple(given.get("target") or ()),
        replace=tuple(given.get("replace") or ()),
        **{name: given[name] for name in _SAID if name in given},
    )
