"""`cache`: forget the answers of services that nginx keeps."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.daemon.containers import plain_errors
from webstack.cli.daemon.nginx import caches
from webstack.cli.deployments import stack_daemon
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.arguments import add_stack
from webstack.cli.terminal.errors import OpsError


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument("act", choices=("purge",), help="forget all answers that are kept")
    add_stack(parser)
    parser.add_argument(
        "--service", action="append", metavar="NAME", help="of this one alone; may be repeated"
    )


def run(options: Namespace) -> int:
    """Have nginx forget the answers of services; exit code 1 if one keeps none."""
    session = session_setup.session_of(options)
    release = StackState(session.records.export()).release()
    api = stack_daemon.on_docker(session).api
    with plain_errors():
        kept = caches.services(api, release["proxy"]) if release.get("proxy") else []
    for name in options.service or ():
        if name not in kept:
            raise OpsError(
                f"{session.stack} keeps no answers of {name}",
                f"those of {', '.join(kept)} are kept" if kept else "the setting cache keeps some",
            )
    chosen = sorted(set(options.service or kept))
    if not chosen:
        print(f"{session.stack} keeps no answers; the setting cache does.", file=sys.stderr)
        return 0
    with plain_errors():
        caches.purge(api, release["proxy"], chosen)
    print(f"{', '.join(chosen)}: forgotten.")
    return 0
