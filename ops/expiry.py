"""Stacks with a time to live: which are over, and taking them away with all they have."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from engine.errors import EngineError
from ops import asking
from ops.backends import Session, open_session
from ops.docker_engine import ensure_engine
from ops.errors import OpsError
from ops.progress import reporter
from ops.runner import Options
from webstack.contract import plain_text


def prune_expired(options: Namespace) -> int:
    """Take away every stack of the project whose time is over, its data and its settings too."""
    first = open_session(options.stack, options.engine, options.cwd, os.environ)
    now = datetime.now(timezone.utc)
    sessions = [
        open_session(name, options.engine, options.cwd, os.environ)
        for name in first.records.stacks()
    ]
    over = [each for each in sessions if is_over(each.records.outputs(), now)]
    if not over:
        print("No stack's time is over.")
        return 0
    names = ", ".join(each.stack for each in over)
    print(f"The time of these is over: {names}.", flush=True)
    question = f"Take away {names}, with all their data?"
    if not options.yes and not asking.agreed_to_remove(question):
        return asking.DECLINED
    ensure_engine(first.project.root, reporter())
    return max(_taken_away(each) for each in over)


def is_over(outputs: Mapping[str, Any], now: datetime) -> bool:
    """Whether a stack says of itself that its time is over."""
    moment = outputs.get("expires")
    return isinstance(moment, str) and datetime.fromisoformat(moment.replace("Z", "+00:00")) <= now


def _taken_away(session: Session) -> int:
    """One that cannot be taken away does not keep the others."""
    try:
        session.runner.unprotect()
        code = session.runner.destroy(Options())
        if code == 0:
            session.records.delete(force=False)
            session.project.settings_file(session.stack).unlink(missing_ok=True)
            print(f"{session.stack} is gone: its time was over.")
    except (OpsError, EngineError) as error:
        print(plain_text.block(f"error: {session.stack}: {error}"), file=sys.stderr)
        return 1
    return code
