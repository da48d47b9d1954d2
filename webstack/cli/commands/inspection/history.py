"""`history`: list the updates, the newest first."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webstack.cli.backends import session_setup
from webstack.cli.deployments import audit
from webstack.cli.terminal.arguments import add_shared, add_stack
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """List the updates, and what was run by hand from this machine, the newest first."""
    session = session_setup.session_of(options)
    by_hand = audit.notes(session.project.root, session.stack)
    updates = sorted([*session.records.history(), *by_hand], key=_moment, reverse=True)
    if options.json:
        print(json_text(updates))
    elif updates:
        print(table(("STARTED", "KIND", "RESULT", "CHANGES"), [_update(item) for item in updates]))
    return 0


def _update(record: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Turn a history record, the engine's (seconds) or the CLI's (ISO time), into a row."""
    changes = ", ".join(
        f"{count} {operation}"
        for operation, count in sorted((record.get("resourceChanges") or {}).items())
    )
    return (
        _moment(record).strftime("%Y-%m-%d %H:%M:%S"),
        str(record.get("kind", "")),
        str(record.get("result", "")),
        changes or str(record.get("message") or ""),
    )


def _moment(record: Mapping[str, Any]) -> datetime:
    """Read when it started: the engine tells seconds, the CLI and notes a time in ISO's form."""
    started = record.get("startTime", 0)
    if isinstance(started, int):
        return datetime.fromtimestamp(started).astimezone()
    return datetime.fromisoformat(str(started).replace("Z", "+00:00")).astimezone()
