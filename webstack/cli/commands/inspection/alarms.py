"""`alarms`: show what is or was wrong, send a test to who is told, or tell nobody for a while."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from datetime import datetime, timezone

from msgspec import to_builtins

from webstack.cli.backends import session_setup
from webstack.cli.daemon.looks import traffic
from webstack.cli.daemon.looks.alarms import Alarms, Incident, alarms
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack, number
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import local_time, table
from webstack.contract import plain_text

HEADINGS = ("BEGAN", "ENDED", "WHAT")
_MOST_MINUTES = 7 * 24 * 60


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--json")
    add_flag(parser, "--test", text="send a message to everybody who is told of alarms")
    parser.add_argument(
        "--silence",
        type=number(0, _MOST_MINUTES, "of minutes "),
        metavar="MINUTES",
        help="tell nobody for so long, as in planned work; 0 ends it",
    )


def run(options: Namespace) -> int:
    """Show the alarms of the last days; exit code 1 if one is open, or nobody can be told."""
    session = session_setup.session_of(options)
    docker = stack_daemon.on_docker(session)
    counting = traffic.counting(docker.containers())
    if counting is None:
        raise OpsError(
            f"{session.stack} looks for nothing", "set webstack:observe to true, then `webstack up`"
        )
    found = alarms(docker.api, counting, _asked(options))
    if found is None:
        raise OpsError(f"{counting} says nothing of alarms", "look at `webstack logs metrics`")
    if options.test and not found.channels:
        raise OpsError(
            "alarms go nowhere",
            "set webhook or email in webstack:observe.alarms, then `webstack up`",
        )
    print(json_text(to_builtins(found)) if options.json else _page(found, tested=options.test))
    return int(bool(found.error) or any(each.ended is None for each in found.incidents))


def _asked(options: Namespace) -> str:
    if options.test:
        return "test"
    return "" if options.silence is None else f"silence={60 * options.silence}"


def _page(found: Alarms, *, tested: bool) -> str:
    rows = [_row(each) for each in found.incidents]
    lines = [table(HEADINGS, rows) if rows else "Nothing was wrong in the last days.", ""]
    lines += [
        f"Alarms go to: {', '.join(found.channels)}." if found.channels else "Alarms go nowhere."
    ]
    if tested:
        lines += ["A test is on its way; what keeps it is told here within seconds."]
    if found.silent_until > time.time():
        lines += [f"Nobody is told before {_moment(found.silent_until)}."]
    if found.error:
        lines += [f"error: messages do not go out: {plain_text.line(found.error)}"]
    return "\n".join(lines)


def _row(each: Incident) -> tuple[str, str, str]:
    return _moment(each.began), _moment(each.ended) if each.ended else "open", each.text


def _moment(seconds: float) -> str:
    return local_time(datetime.fromtimestamp(seconds, timezone.utc).isoformat())
