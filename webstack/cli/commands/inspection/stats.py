"""`stats`: show what each container uses at the moment, by service and release."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from msgspec.structs import asdict

from webstack.cli.backends import session_setup
from webstack.cli.daemon.containers import MEBIBYTE, Container, StackOnDocker
from webstack.cli.daemon.looks.usage import Usage, measured
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal.arguments import add_flag, add_shared, add_stack
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table

HEADINGS = (*("SERVICE", "RELEASE", "CONTAINER", "CPU", "MEMORY", "RECEIVED", "SENT", "PROCESSES"),)
_PAUSE = 1.0
"""Seconds between two looks, each of which takes the daemon one or two."""
_CLEAR = "\x1b[H\x1b[2J"


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)
    add_shared(parser, "--json")
    add_flag(parser, "--once", text="look once, as without a terminal, and do not go on")


def run(options: Namespace) -> int:
    """Show the use of all containers: once, or on a terminal until interrupted."""
    session = session_setup.session_of(options)
    docker = stack_daemon.on_docker(session)
    live = sys.stdout.isatty() and not options.once and not options.json
    while True:
        rows = _looked_at(docker)
        if options.json:
            print(json_text([_as_json(item, used) for item, used in rows]))
        elif not rows:
            print(
                f"{session.stack} has no containers; start it with `webstack up`.", file=sys.stderr
            )
        else:
            shown = table(HEADINGS, [_row(item, used) for item, used in rows])
            print(f"{_CLEAR if live else ''}{shown}", flush=True)
        if not live or not rows:
            return 0
        try:
            time.sleep(_PAUSE)
        except KeyboardInterrupt:
            return 0


def _looked_at(docker: StackOnDocker) -> Sequence[tuple[Container, Usage | None]]:
    containers = docker.containers()
    running = [item.name for item in containers if item.state == "running"]
    used = measured(docker.api, running)
    return [(item, used.get(item.name)) for item in containers]


def _as_json(item: Container, used: Usage | None) -> dict[str, object]:
    known = {"service": item.service, "release": item.release, "container": item.name}
    return {**known, "state": item.state, **(asdict(used) if used else {})}


def _row(item: Container, used: Usage | None) -> tuple[str, ...]:
    known = (item.service, item.release, item.name)
    if used is None:
        return (*known, item.state, *[""] * 4)
    return (
        *known,
        "" if used.cpu is None else f"{used.cpu:.1f} %",
        _memory(used, item.memory_limit),
        _size(used.received),
        _size(used.sent),
        "" if used.processes is None else str(used.processes),
    )


def _memory(used: Usage, limit: int | None) -> str:
    if used.memory is None:
        return ""
    share = f" ({used.memory / limit:.0%} of {limit / MEBIBYTE:.0f} MiB)" if limit else ""
    return f"{used.memory / MEBIBYTE:.1f} MiB{share}"


def _size(count: int) -> str:
    return f"{count / MEBIBYTE:.1f} MiB" if count >= MEBIBYTE else f"{count / 1024:.1f} KiB"
