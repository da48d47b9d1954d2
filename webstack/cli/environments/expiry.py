"""Takes away stacks whose time to live is over, with all they have."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.backends.runner import OperationOptions
from webstack.cli.terminal import prompts
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text
from webstack.engine.model.errors import EngineError


def prune_expired(options: Namespace) -> int:
    """Take away every stack of the project whose time is over, its data and its settings too."""
    first = session_setup.session_of(options)
    over, unknown = _over(options, first.records.stacks())
    if not over:
        print("No stack's time is over.")
        return unknown
    names = ", ".join(each.stack for each in over)
    print(f"The time of these is over: {names}.", flush=True)
    question = f"Take away {names}, with all their data?"
    if not options.yes and not prompts.agreed_to_remove(question):
        return prompts.DECLINED
    session_setup.ensure_daemon(first)
    return max(unknown, *(_taken_away(each) for each in over))


def _over(options: Namespace, names: Iterable[str]) -> tuple[list[StackSession], int]:
    """Return the stacks whose time is over, and 1 where one could not be asked."""
    now, over, code = datetime.now(timezone.utc), [], 0
    for name in names:
        try:
            session = session_setup.session_of(options, stack=name)
            if is_over(session.records.outputs(), now):
                over.append(session)
        except (OpsError, EngineError) as error:
            _tell(name, error)
            code = 1
    return over, code


def is_over(outputs: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a stack says that its time is over; raises OpsError for what is no time."""
    moment = outputs.get("expires")
    if not isinstance(moment, str):
        return False
    try:
        ends = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError:
        raise OpsError(
            f"its time ends at {moment}, which no calendar has",
            "correct webstack:expires and run `webstack up`",
        ) from None
    return ends.replace(tzinfo=ends.tzinfo or timezone.utc) <= now


def _taken_away(session: StackSession) -> int:
    """Take a stack away; one that cannot be taken away does not keep the others."""
    try:
        session.runner.unprotect()
        code = session.runner.destroy(OperationOptions())
        if code == 0:
            session.records.delete(force=False)
            session.project.settings_file(session.stack).unlink(missing_ok=True)
            print(f"{session.stack} is gone: its time was over.")
    except (OpsError, EngineError) as error:
        _tell(session.stack, error)
        return 1
    return code


def _tell(stack: str, error: Exception) -> None:
    print(plain_text.block(f"error: {stack}: {error}"), file=sys.stderr)
