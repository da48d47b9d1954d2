"""Takes a stack away, after asking."""

from __future__ import annotations

from argparse import Namespace

from webstack.cli.backends.composition import Session
from webstack.cli.backends.runner import Options
from webstack.cli.deployments.update import agreed
from webstack.cli.terminal.prompts import asks


def remove(session: Session, options: Namespace, chosen: Options, *, data: bool) -> int:
    """Destroy what the stack made, its protected data too where ``data`` says so."""
    if asks(options):
        question = f"Destroy {session.stack}{' and all its data' if data else ''}?"
        code = agreed(session.runner.preview_destroy(chosen), question)
        if code:
            return code
    if data:
        session.runner.unprotect()
    return session.runner.destroy(chosen)
