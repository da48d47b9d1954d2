"""The use cases that change something: each gathers, asks where it must, acts and sums up."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable

from ops import looking, records, summary
from ops.backends import Session, open_session
from ops.docker_engine import ensure_engine
from ops.progress import reporter
from ops.runner import Options, Plan

DECLINED = 8
"""Pulumi's exit code for a question answered with no."""


def up(options: Namespace) -> int:
    """Bring the machine to what the program declares, and show what serves where."""
    began = time.monotonic()
    session = _session(options)
    session.runner.ensure_stack()
    wanted = _wanted(options)
    if _asks(options):
        code = _agreed(session.runner.preview(wanted), f"Perform this update of {session.stack}?")
        if code:
            return code
    code = session.runner.up(wanted)
    if code == 0:
        seconds = time.monotonic() - began
        print(summary.of_up(session.stack, session.records.outputs(), seconds), flush=True)
    return code


def preview(options: Namespace) -> int:
    """Show what `up` would do; starts no engine, since nothing is to change."""
    session = _opened(options)
    looking.use_engine()
    session.runner.ensure_stack()
    return session.runner.preview(_wanted(options)).code


def refresh(options: Namespace) -> int:
    """Bring the state to what the machine has."""
    session = _session(options)
    if _asks(options) and not _confirmed(f"Refresh the state of {session.stack}?"):
        return DECLINED
    return session.runner.refresh(_wanted(options))


def destroy(options: Namespace) -> int:
    """Take away all that the stack made."""
    return _destroy(_session(options), options, _wanted(options))


def down(options: Namespace) -> int:
    """Take the stack away and say what is left of it; its data goes only when that was asked."""
    session = _session(options)
    code = _destroy(session, options, Options(exclude_protected=True, parallel=options.parallel))
    if code == 0:
        print(summary.of_down(session.stack, looking.leftovers(session)), flush=True)
    return code


def cancel(options: Namespace) -> int:
    """Remove the locks that an ended run left."""
    session = _opened(options)
    session.runner.cancel()
    print(f"No lock is left on {session.stack}.")
    return 0


def _destroy(session: Session, options: Namespace, wanted: Options) -> int:
    data = getattr(options, "data", False)
    if _asks(options):
        question = f"Destroy {session.stack}{' and all its data' if data else ''}?"
        code = _agreed(session.runner.preview_destroy(wanted), question)
        if code:
            return code
    if data:
        session.runner.unprotect()
    return session.runner.destroy(wanted)


def _session(options: Namespace) -> Session:
    """Open the stack, with a Docker engine at hand for whatever runs the program."""
    session = _opened(options)
    ensure_engine(session.project.root, reporter())
    return session


def _opened(options: Namespace) -> Session:
    """Open the stack, and say what runs the program."""
    session = open_session(options.stack, options.engine, options.cwd, os.environ)
    print(f"{session.stack}: run by {session.choice}", file=sys.stderr, flush=True)
    return session


def _wanted(options: Namespace) -> Options:
    given = vars(options)
    return Options(
        targets=tuple(given.get("target") or ()),
        **{
            name: given[name]
            for name in (
                "refresh",
                "diff",
                "json",
                "expect_no_changes",
                "exclude_protected",
                "parallel",
            )
            if name in given
        },
    )


def _asks(options: Namespace) -> bool:
    """Whether there is someone to ask, who has not said yes already."""
    return not options.yes and _is_terminal()


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _agreed(plan: Plan, question: str) -> int:
    if plan.code:
        return plan.code
    if plan.changes and not _confirmed(question):
        return DECLINED
    return 0


def _confirmed(question: str) -> bool:
    try:
        answer = input(f"\n{question} [y/N] ").strip().lower()
    except EOFError:
        return False
    if answer in ("y", "yes"):
        return True
    print("Nothing was changed.", file=sys.stderr)
    return False


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "up": up,
    "preview": preview,
    "refresh": refresh,
    "destroy": destroy,
    "down": down,
    "cancel": cancel,
    "outputs": records.outputs,
    "history": records.history,
    "config": records.config,
    "stack": records.stack,
    "env": records.env,
    "status": looking.status,
    "logs": looking.logs,
    "doctor": looking.doctor,
}
