"""What every command that runs the program begins with: the stack, the engine, the options."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from webstack.cli.backends.composition import Session, open_session
from webstack.cli.backends.runner import Options
from webstack.cli.machine.docker_daemon import ensure_engine
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


def opened(options: Namespace) -> Session:
    """Open the stack, and say what runs the program."""
    session = open_session(options.stack, options.engine, options.cwd, os.environ)
    print(f"{session.stack}: run by {session.choice}", file=sys.stderr, flush=True)
    return session


def opened_with_engine(options: Namespace) -> Session:
    """Open the stack, with a Docker engine at hand for whatever runs the program."""
    session = opened(options)
    ensure_engine(session.project.root, reporter())
    return session


def wanted(options: Namespace) -> Options:
    """Take what was said of how the program is to be run."""
    given = vars(options)
    return Options(
        targets=tuple(given.get("target") or ()),
        replace=tuple(given.get("replace") or ()),
        **{name: given[name] for name in _SAID if name in given},
    )
