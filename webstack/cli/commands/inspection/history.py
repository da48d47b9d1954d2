"""`history`: list the updates, the newest first."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webstack.cli.backends import session_setup
from webstack.cli.terminal.arguments import add_shared, add_stack
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """List the updates, the newest first."""
    updates = session_setup.session_of(options).records.history()
    if options.json:
        print(json_text(updates))
    elif updates:
        print(table(("STARTED", "KIND", "RESULT", "CHANGES"), [_update(item) for item in updates]))
    return 0


def _update(record: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Turn a history record, the engine's (seconds) or the CLI's (ISO time), into a row."""
    started = record.get("startTime", 0)
    moment = (
        datetime.fromtimestamp(started).astimezone()
        if isinstance(started, int)
        else datetime.fromisoformat(str(started).replace("Z", "+00:00")).astimezone()
    )
    changes = ", ".join(
        f"{count} {operation}"
        for operation, count in sorted((record.get("resourceChanges") or {}).items())
    )
    return (
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        str(record.get("kind", "")),
        str(record.get("result", "")),
        changes,
    )
