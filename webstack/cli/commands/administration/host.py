"""`host prepare`: set up the machine that a stack runs on, saying before what is done."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.machine import host_facts, stack_host
from webstack.cli.machine.docker_ping import Dead, ping
from webstack.cli.machine.shell import CommandError
from webstack.cli.machine.shell import run as run_program
from webstack.cli.terminal import prompts
from webstack.cli.terminal.arguments import add_shared, add_stack
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.progress import reporter
from webstack.contract import plain_text
from webstack.contract.stack_host import SETTING
from webstack.docker.endpoint import Endpoint
from webstack.docker.transports import ssh_command

_SECONDS = 1800
_LINES = 3
"""Of what a failed step has printed, shown."""


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument("verb", choices=("prepare",), metavar="prepare", help="set it up")
    add_stack(parser)
    add_shared(parser, "--yes")


def run(options: Namespace) -> int:
    """Look at the stack's host, say what it lacks, do that if told to, and see that it serves."""
    session = session_setup.session_of(options)
    address = stack_host.host_of(session.project, session.stack)
    if address is None:
        raise OpsError(
            f"{session.stack} runs on this machine",
            "name another: webstack config set webstack:host ssh://user@server",
        )
    host = host_facts.look(address)
    print(f"{address}: {host}")
    wanted = host_facts.actions(host)
    if wanted:
        print(f"\nTo be done there, as root:\n{host_facts.missing(wanted)}")
        if not options.yes and not prompts.is_terminal():
            print("\nNothing was done; add --yes.", file=sys.stderr)
            return prompts.DECLINED
        if not options.yes and not prompts.confirmed("Do that?"):
            return prompts.DECLINED
        for action in wanted:
            with reporter().step(action.words):
                command = host_facts.as_root(host, action)
                _do(address, action.words, command)
    answer = ping(Endpoint(address, SETTING))
    if isinstance(answer, Dead):
        raise OpsError(f"Docker does not answer at {address}: {answer.reason}", "look at its log")
    print(f"\nIt is ready: `webstack up {session.stack}` deploys there. For you to decide:")
    print("\n".join(f"  - {hint}" for hint in host_facts.hints(host)))
    return 0


def _do(address: str, words: str, command: str) -> None:
    try:
        run_program(ssh_command(address, command), timeout=_SECONDS)
    except CommandError as error:
        lines = [line.strip() for line in plain_text.lines(error.output) if line.strip()]
        said = "; ".join(lines[-_LINES:]) or f"exit code {error.code}"
        raise OpsError(
            f"{address}: this failed: {words}: {said}", "do it there by hand, then run this again"
        ) from None
