"""`releases`: list the releases that can come back, the newest first."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.state.stack_state import StackState, Summary, opened
from webstack.cli.terminal.arguments import add_shared, add_stack
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import local_time, table

HEADINGS = ("RELEASE", "TIME", "COMMIT", "IMAGES", "")


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """List the recorded releases, the newest first."""
    session = session_setup.session_of(options)
    state = StackState(session.records.export(show_secrets=options.json))
    found = state.releases()[::-1]
    if options.json:
        records = state.records()
        whole = [
            {**opened(records[item.number]), "images": item.images, "image_ids": item.image_ids}
            for item in found
        ]
        print(json_text(whole))
    elif found:
        print(table(HEADINGS, [_row(item, found[0]) for item in found]))
    else:
        print(f"{session.stack} has no release yet; `webstack up` makes one.", file=sys.stderr)
    return 0


def _row(item: Summary, in_force: Summary) -> tuple[str, ...]:
    notes = [
        *(["in force"] if item is in_force else []),
        *([f"rollback of {item.rollback_of}"] if item.rollback_of else []),
    ]
    images = ", ".join(
        f"{name} {reference.rpartition(':')[2]}"
        for name, reference in sorted(item.images.items())
        if name != "python"
    )
    changed = " and changes" if item.clean is False else ""
    return (
        str(item.number),
        local_time(item.time),
        f"{item.commit[:12]}{changed}" if item.commit else "",
        images,
        ", ".join(notes),
    )
