"""Sets the variables by which the Pulumi CLI finds this project's state and passphrase."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from webstack.cli.terminal.errors import OpsError
from webstack.engine.project.config import own_values
from webstack.engine.project.project import Project
from webstack.engine.storage import files
from webstack.engine.storage.privacy import PRIVATE

BACKEND = "PULUMI_BACKEND_URL"
PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105 - the name of a variable
PASSPHRASE_FILE = "PULUMI_CONFIG_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
DEV = "dev"
ENVIRONMENT = "webstack:environment"


def variables(
    project: Project, stack: str, environ: Mapping[str, str], environment: str | None = None
) -> dict[str, str]:
    """Give the variables to add; what the environment says already is left as it is.

    ``environment`` is the kind of a stack that has no settings yet.
    """
    added = {}
    if not environ.get(BACKEND) and project.backend_url.startswith("file:"):
        added[BACKEND] = f"file://{project.state_folder}"
    if PASSPHRASE not in environ and PASSPHRASE_FILE not in environ:
        public = project.root / "dev.passphrase"
        if (environment or _environment(project, stack)) == DEV and public.is_file():
            added[PASSPHRASE_FILE] = str(public)
    return added


def _environment(project: Project, stack: str) -> str:
    """Return the kind of a stack, as its settings say it: its name unless they do."""
    file = project.settings_file(stack)
    said = own_values(file).get(ENVIRONMENT) if file.is_file() else None
    return str(said or stack)


def make_state_folder(project: Project) -> None:
    """Make the project's own state folder, which the CLI does not make itself."""
    url = project.environ.get(BACKEND, "")
    if url.startswith("file:"):
        files.make_folder(project.state_folder, PRIVATE)


def require_passphrase(stack: str, environ: Mapping[str, str]) -> None:
    """Refuse to go on where the CLI, or the engine, would ask for a passphrase."""
    named = environ.get(PASSPHRASE_FILE)
    if PASSPHRASE in environ or (named and Path(named).is_file()):
        return
    if named:
        raise OpsError(f"{PASSPHRASE_FILE} names {named}, which is not a file", "correct the name")
    raise OpsError(
        f'the stack "{stack}" needs its passphrase',
        f"set {PASSPHRASE}, or {PASSPHRASE_FILE} to a file that holds it",
    )


def exports(added: Mapping[str, str]) -> str:
    """Write variables as lines that a shell can evaluate."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(added.items()))
