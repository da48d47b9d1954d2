"""`debug`: talk to the breakpoints that the code of a service reaches, in development."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable

from webstack.cli.backends import session_setup
from webstack.cli.deployments import released, stack_daemon
from webstack.cli.terminal.arguments import add_stack_option
from webstack.cli.terminal.errors import OpsError
from webstack.contract.variables import BREAKPOINT, DEBUGGER

_COMMAND = ("python3", "-m", DEBUGGER.rpartition(".")[0])


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack_option(parser)
    parser.add_argument("service", metavar="SERVICE", help="a service, or a role as shop-worker")
    parser.add_argument(
        "--replica", type=int, default=0, metavar="N", help="which of its containers (0)"
    )


def run(options: Namespace) -> int:
    """Talk to each `breakpoint()` that is reached in a container, until it is left."""
    session = session_setup.session_of(options)
    found = released.part(released.of_session(session), session.stack, options.service)
    api = stack_daemon.on_docker(session).api
    from webstack.cli.daemon.containers import plain_errors

    with plain_errors():
        inspected = api.inspect_container(released.container_of(found, options.replica))
    if not has_debugger(inspected["Config"].get("Env") or ()):
        raise OpsError(
            f"{found.name} of {session.stack} runs without a debugger",
            "there is one where webstack:environment is dev and webstack:debug is true",
        )
    return released.run_inside(session, found, options.replica, _COMMAND)


def has_debugger(environment: Iterable[str]) -> bool:
    """Tell whether a container was made with a debugger, which only development has."""
    return f"{BREAKPOINT}={DEBUGGER}" in environment
