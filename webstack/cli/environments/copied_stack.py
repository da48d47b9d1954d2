"""Makes a stack like another one."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

from webstack.cli.backends import pulumi_environment
from webstack.cli.backends.composition import StackSession, open_session
from webstack.cli.environments.copied_settings import (
    NAMESPACE,
    Overrides,
    copied,
    moment,
    next_port,
)
from webstack.cli.environments.stack_settings import (
    environ_of,
    opener_of,
    settings_files,
    stacks_with_settings,
)
from webstack.cli.terminal.errors import OpsError
from webstack.contract.yaml_settings import as_text
from webstack.engine.project.config import own_values
from webstack.engine.project.project import Project
from webstack.engine.project.stack import stack_name
from webstack.engine.storage import files
from webstack.engine.storage.crypto import Crypter, new_salt, passphrase_from

_PORT = f"{NAMESPACE}:port"


def init_like(session: StackSession, options: Namespace) -> None:
    """Make a stack whose settings are a copy of another's, but for what must be its own.

    Where its state is there already, as on a machine of CI that knows no earlier run, it gets its
    settings back.
    """
    project, name, model = session.project, session.stack, str(options.like)
    stack_name(project, name)
    source, target = project.settings_file(model), project.settings_file(name)
    if not source.is_file():
        raise OpsError(
            f"there is no {source.name}", f"--like takes {', '.join(stacks_with_settings(project))}"
        )
    if target.exists():
        raise OpsError(f"{target.name} is there already", "edit it, or take another name")
    made = name in session.records.stacks()
    values = own_values(source)
    environment = str(values.get(pulumi_environment.ENVIRONMENT) or model)
    salt, passphrase = _salt(session, environment, made=made)
    overrides = Overrides(
        environment=environment,
        port=next_port(_ports(project)) if options.port is None else options.port,
        host=options.host,
        expires=moment(options.expires, datetime.now(timezone.utc)) if options.expires else None,
    )
    sealed_anew = _resealing(project, model, Crypter(salt, passphrase))
    copy = copied(source.read_text(), overrides, salt, sealed_anew)
    files.write(target, copy.text)
    if not made:
        _create(options, target)
    _tell(name, model, overrides, target, copy.missing)


def _ports(project: Project) -> Iterator[int]:
    """Return every port that a settings file names; one that names none has the default."""
    for file in settings_files(project):
        port = as_text(own_values(file).get(_PORT, 8080))
        if port.isdecimal():
            yield int(port)


def _salt(session: StackSession, environment: str, *, made: bool) -> tuple[str, str]:
    """Return the salt of the new stack, which its state may have already, and its passphrase."""
    environ = environ_of(session.project, session.stack, environment)
    pulumi_environment.require_passphrase(session.stack, environ)
    passphrase = passphrase_from(environ)
    if made:
        exported = json.loads(session.records.export())
        provider = exported["deployment"].get("secrets_providers") or {}
        if salt := (provider.get("state") or {}).get("salt"):
            return str(salt), passphrase
    return new_salt(passphrase), passphrase


def _resealing(project: Project, model: str, crypter: Crypter) -> Callable[[str], str] | None:
    """Return what takes a secret of the model to the new stack; None without its passphrase."""
    opener = opener_of(project, model)
    return None if opener is None else lambda sealed: crypter.seal(opener.open(sealed))


def _create(options: Namespace, target: Path) -> None:
    try:
        # Opened anew: now that there are settings, they say what runs it and how it is unlocked.
        session = open_session(options.stack, options.engine, options.cwd, os.environ)
        session.records.create()
    except BaseException:
        files.remove(target)
        raise


def _tell(
    name: str, model: str, overrides: Overrides, target: Path, missing: tuple[str, ...]
) -> None:
    port = f"port {overrides.port}" if overrides.port else "its port"
    ends = f", until {overrides.expires}" if overrides.expires else ""
    print(f"Made {name} like {model}, on {port}{ends}: {target.name}", file=sys.stderr)
    if not overrides.host:
        print("Its host names are those of its model; see webstack:hosts there.", file=sys.stderr)
    for key in missing:
        print(
            f"Its secret {key} could not be opened; set it: "
            f"webstack config set --secret {key} --stack {name}",
            file=sys.stderr,
        )
