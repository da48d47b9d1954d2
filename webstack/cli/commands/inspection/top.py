"""`top`: show requests, errors and durations by service and release, as they are now."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from webstack.cli.backends import session_setup
from webstack.cli.daemon.containers import MEBIBYTE, Container, StackOnDocker
from webstack.cli.daemon.looks import traffic
from webstack.cli.daemon.looks.traffic import Requests, Traffic
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack, number
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table

HEADINGS = (*traffic.HEADINGS, "CONTAINERS", "MEMORY", "RESTARTS")
_PAUSE = 1.0
"""Seconds between two looks, each of which takes the daemon up to one."""
_CLEAR = "\x1b[H\x1b[2J"
_DAY = 86_400


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--json")
    add_flag(parser, "--once", text="look once, as without a terminal, and do not go on")
    parser.add_argument(
        "--span",
        type=number(10, _DAY),
        default=60,
        metavar="SECONDS",
        help="how much of the time until now is looked at, to a day back (60)",
    )


def run(options: Namespace) -> int:
    """Show the requests of lately: once, or on a terminal until interrupted."""
    session = session_setup.session_of(options)
    docker = stack_daemon.on_docker(session)
    live = sys.stdout.isatty() and not options.once and not options.json
    while True:
        containers = docker.containers()
        found = _looked_at(docker, containers, options.span, session.stack)
        if options.json:
            print(json_text(traffic.as_json(found)))
        else:
            print(f"{_CLEAR if live else ''}{_page(found, containers)}", flush=True)
        if not live:
            return 0
        try:
            time.sleep(_PAUSE)
        except KeyboardInterrupt:
            return 0


def _looked_at(
    docker: StackOnDocker, containers: Sequence[Container], span: int, stack: str
) -> Traffic:
    counting = traffic.counting(containers)
    if counting is None:
        raise OpsError(
            f"nobody counts the requests of {stack}",
            "set webstack:observe to true, then `webstack up`",
        )
    found = traffic.traffic(docker.api, counting, span)
    if found is None:
        raise OpsError(
            f"{counting} does not say what it has counted", "look at `webstack logs metrics`"
        )
    return found


def _page(found: Traffic, containers: Sequence[Container]) -> str:
    rows = [(*each.cells, *_used(each, containers)) for each in found.shown]
    return "\n".join([table(HEADINGS, rows), "", found.sentence, *found.warnings])


def _used(each: Requests, containers: Sequence[Container]) -> tuple[str, str, str]:
    own = [
        item
        for item in containers
        if each.service and (item.service, item.release) == (each.service, each.release)
    ]
    if not own:
        return "", "", ""
    running = sum(item.is_well for item in own)
    memory = sum(item.memory or 0 for item in own)
    restarts = sum(item.restarts for item in own)
    return f"{running} of {len(own)}", f"{memory / MEBIBYTE:.0f} MiB", str(restarts)
