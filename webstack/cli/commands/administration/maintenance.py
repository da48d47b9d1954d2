"""`maintenance`: take services out while somebody works on them, and back."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Collection

from webstack.cli.backends import session_setup
from webstack.cli.daemon.containers import plain_errors
from webstack.cli.deployments import stack_daemon
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.arguments import add_stack
from webstack.cli.terminal.errors import OpsError
from webstack.contract.container_paths import MAINTENANCE_DIRECTORY

_ON = 'mkdir -p "$0" && cd "$0" && touch "$@"'
_OFF = 'cd "$0" 2>/dev/null || exit 0; rm -f "$@"'


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument("switch", choices=("on", "off"), help="out of service, or back")
    add_stack(parser)
    parser.add_argument(
        "--service", action="append", metavar="NAME", help="this one alone; may be repeated"
    )


def run(options: Namespace) -> int:
    """Have nginx answer 503 for services, or pass requests on again."""
    session = session_setup.session_of(options)
    release = StackState(session.records.export()).release()
    chosen = services(options.service, release.get("services") or {}, session.stack)
    script = _ON if options.switch == "on" else _OFF
    command = ["sh", "-c", script, MAINTENANCE_DIRECTORY, *chosen]
    api = stack_daemon.on_docker(session).api
    with plain_errors():
        job = api.exec_create(release["proxy"], command)["Id"]
        said = api.exec_start(job).decode(errors="replace").strip()
        if api.exec_inspect(job)["ExitCode"]:
            raise OpsError(f"nginx could not be told: {said}", "look at `webstack status`")
    state = "out for maintenance" if options.switch == "on" else "back in service"
    print(f"{', '.join(chosen)}: {state}.")
    return 0


def services(wanted: Collection[str] | None, known: Collection[str], stack: str) -> list[str]:
    """Give the services that are meant: those named, or all; raises OpsError for unknown ones."""
    if not known:
        raise OpsError(f"{stack} has no release", "run `webstack up`")
    for name in wanted or ():
        if name not in known:
            raise OpsError(f"{stack} has no service {name}", f"it has {', '.join(sorted(known))}")
    return sorted(set(wanted or known))
