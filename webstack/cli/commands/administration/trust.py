"""`trust`: have this machine trust the development authority of a stack."""

from __future__ import annotations

import os
import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path

from webstack.cli.backends import session_setup
from webstack.cli.machine.shell import run as run_program
from webstack.cli.machine.trust_stores import Store, stores
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.arguments import add_stack
from webstack.cli.terminal.errors import OpsError


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_stack(parser)


def run(options: Namespace) -> int:
    """Write the authority into a file, and into the stores of this machine; or say how."""
    session = session_setup.session_of(options)
    authority = StackState(session.records.export()).authority()
    if not authority:
        raise OpsError(
            f"{session.stack} has no development authority",
            "set webstack:tls to development, and run `webstack up`",
        )
    name = f"webstack-{session.project.name}-{session.stack}"
    file = Path.home() / ".local/share/webstack" / f"{name}.pem"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(authority)
    found = list(stores(name, file, Path.home(), shutil.which))
    for store in found:
        if not store.file or os.access(store.file.parent, os.W_OK):
            _add(store, file)
            print(f"Trusted by {store.users}.")
        else:
            print(f"For {store.users}, run: {store.by_hand(file)}")
    print(
        f"The authority is in {file}: import it in browsers that keep a store of their own "
        f"(Firefox: Settings, Certificates, Authorities), or curl --cacert {file}"
    )
    return 0


def _add(store: Store, authority: Path) -> None:
    if store.file:
        shutil.copyfile(authority, store.file)
        store.file.chmod(0o644)
    run_program(store.command)
