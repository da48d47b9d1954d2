"""`logs`: print the logs of the stack's containers in order of time."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Iterable, Mapping

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.daemon.log_reader import LogReader
from webstack.cli.deployments import stack_daemon
from webstack.cli.terminal.arguments import add_flag, add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.log_lines import as_json, readable
from webstack.engine.project import config

_SERVICES = "webstack:services"


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument(
        "words", nargs="*", metavar="[STACK] [SERVICE …]", help="the stack, and which services"
    )
    add_stack_option(parser)
    add_flag(parser, "--follow", "-f", text="go on until interrupted, through deployments too")
    add_flag(parser, "--json", "-j", text="print one JSON object a line")
    parser.add_argument(
        "--tail", "-n", type=int, default=100, metavar="N", help="lines per container (100)"
    )


def run(options: Namespace) -> int:
    """Print the logs of the stack, or of some of its services."""
    stack, services = _told_apart(options)
    session = session_setup.session_of(options, stack=stack)
    docker = stack_daemon.on_docker(session)
    reader = LogReader(docker, session.project.name, session.stack, services)
    _require_known(services, {*reader.sources(), *_declared(session)}, session.stack)
    width = 0
    for line in reader.follow(options.tail) if options.follow else reader.recent(options.tail):
        width = max(width, len(line.source))
        print(as_json(line) if options.json else readable(line, width), flush=options.follow)
    return 0


def _declared(session: StackSession) -> Iterable[str]:
    """Return the services that the settings name: they may have no container yet."""
    settings = config.read_settings(session.project, session.stack).values.get(_SERVICES)
    return settings if isinstance(settings, Mapping) else ()


def _require_known(services: Iterable[str], known: Collection[str], stack: str) -> None:
    for service in services:
        if service not in known:
            there = ", ".join(sorted(known)) or "none"
            raise OpsError(f"{stack} has no service {service}", f"there are: {there}")


def _told_apart(options: Namespace) -> tuple[str | None, list[str]]:
    """Tell the stack from the services: it comes first, and has a settings file."""
    words: list[str] = list(options.words)
    if options.stack or not words:
        return options.stack, words
    session = session_setup.session_of(options, stack=words[0])
    if session.project.settings_file(words[0]).exists():
        return words[0], words[1:]
    return None, words
