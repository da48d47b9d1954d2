"""Takes a stack away, after asking."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from webstack.cli.backends.composition import StackSession
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.deployments.update import agreed
from webstack.cli.terminal.prompts import asks


def remove(
    session: StackSession,
    options: Namespace,
    chosen: OperationOptions,
    *,
    data: bool,
    unwritten: Sequence[str] = (),
) -> int:
    """Destroy what the stack made, its protected data too where ``data`` says so.

    ``unwritten`` are URNs of protected volumes that hold nothing, which go as well.
    """
    if asks(options):
        question = f"Destroy {session.stack}{' and all its data' if data else ''}?"
        code = agreed(session.runner.preview_destroy(chosen), question)
        if code:
            return code
    if data:
        session.runner.unprotect()
    elif unwritten:
        session.runner.unprotect(unwritten)
    return session.runner.destroy(chosen)
