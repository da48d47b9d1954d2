"""Stacks made like others, and the difference of two."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from webstack.cli.backends import pulumi_environment
from webstack.cli.backends.composition import Session, open_session
from webstack.cli.environments.copied_settings import NAMESPACE, Wishes, copied, moment, next_port
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.contract.yaml_settings import as_text
from webstack.engine.model.errors import EngineError
from webstack.engine.project.config import own_values
from webstack.engine.project.project import Project
from webstack.engine.project.stack import stack_name
from webstack.engine.storage import files
from webstack.engine.storage.crypto import Crypter, new_salt, passphrase_from

if TYPE_CHECKING:
    from webstack.cli.compare.comparison import Side

_PORT = f"{NAMESPACE}:port"


def init_like(session: Session, options: Namespace) -> None:
    """Make a stack whose settings are a copy of another's, but for what must be its own.

    Where its state is there already, as on a machine of CI that knows no earlier run, it gets its
    settings back.
    """
    project, name, model = session.project, session.stack, str(options.like)
    stack_name(project, name)
    source, target = project.settings_file(model), project.settings_file(name)
    if not source.is_file():
        raise OpsError(f"there is no {source.name}", f"--like takes {', '.join(_known(project))}")
    if target.exists():
        raise OpsError(f"{target.name} is there already", "edit it, or take another name")
    made = name in session.records.stacks()
    values = own_values(source)
    environment = str(values.get(pulumi_environment.ENVIRONMENT) or model)
    salt, passphrase = _salt(session, environment, made=made)
    wishes = Wishes(
        environment=environment,
        port=next_port(_ports(project)) if options.port is None else options.port,
        host=options.host,
        expires=moment(options.expires, datetime.now(timezone.utc)) if options.expires else None,
    )
    sealed_anew = _resealing(project, model, Crypter(salt, passphrase))
    copy = copied(source.read_text(), wishes, salt, sealed_anew)
    files.write(target, copy.text)
    if not made:
        _create(options, target)
    _tell(name, model, wishes, target, copy.missing)


def _known(project: Project) -> list[str]:
    return [_stack_of(file) for file in _files(project)]


def _files(project: Project) -> list[Path]:
    folder = project.root / project.settings_folder
    return sorted(folder.glob("Pulumi.*.yaml"))


def _stack_of(file: Path) -> str:
    return file.name.removeprefix("Pulumi.").removesuffix(".yaml")


def _ports(project: Project) -> Iterator[int]:
    """Every port that a settings file names; one that names none has the default."""
    for file in _files(project):
        port = as_text(own_values(file).get(_PORT, 8080))
        if port.isdecimal():
            yield int(port)


def _environ(project: Project, stack: str, environment: str | None = None) -> Mapping[str, str]:
    added = pulumi_environment.variables(project, stack, os.environ, environment)
    return ChainMap(dict(added), dict(os.environ))


def _salt(session: Session, environment: str, *, made: bool) -> tuple[str, str]:
    """The salt of the new stack, which its state may have already, and its passphrase."""
    environ = _environ(session.project, session.stack, environment)
    pulumi_environment.require_passphrase(session.stack, environ)
    passphrase = passphrase_from(environ)
    if made:
        exported = json.loads(session.records.export())
        provider = exported["deployment"].get("secrets_providers") or {}
        if salt := (provider.get("state") or {}).get("salt"):
            return str(salt), passphrase
    return new_salt(passphrase), passphrase


def _resealing(project: Project, model: str, crypter: Crypter) -> Callable[[str], str] | None:
    """What takes a secret of the model to the new stack; None where its passphrase is unknown."""
    opener = opener_of(project, model)
    return None if opener is None else lambda sealed: crypter.seal(opener.open(sealed))


def opener_of(project: Project, stack: str) -> Crypter | None:
    """What opens a stack's settings; None where its passphrase is not known here."""
    from webstack.engine.project.config import read_settings

    salt = read_settings(project, stack).salt
    if salt is None:
        return None
    try:
        crypter = Crypter(salt, passphrase_from(_environ(project, stack)))
        crypter.verify()
    except EngineError:
        return None
    return crypter


def _create(options: Namespace, target: Path) -> None:
    try:
        # Opened anew: now that there are settings, they say what runs it and how it is unlocked.
        session = open_session(options.stack, options.engine, options.cwd, os.environ)
        session.records.create()
    except BaseException:
        files.remove(target)
        raise


def _tell(name: str, model: str, wishes: Wishes, target: Path, missing: tuple[str, ...]) -> None:
    port = f"port {wishes.port}" if wishes.port else "its port"
    ends = f", until {wishes.expires}" if wishes.expires else ""
    print(f"Made {name} like {model}, on {port}{ends}: {target.name}", file=sys.stderr)
    if not wishes.host:
        print("Its host names are those of its model; see webstack:hosts there.", file=sys.stderr)
    for key in missing:
        print(
            f"Its secret {key} could not be opened; set it: "
            f"webstack config set --secret {key} --stack {name}",
            file=sys.stderr,
        )


def values_of(project: Project, stack: str) -> dict[str, Any]:
    """The settings of a stack's own file; raises OpsError where it has none.

    Structures are as they stand there, single values are texts: the Pulumi CLI writes them as such
    when it changes a file, and to the program false and "false" are the same.
    """
    file = project.settings_file(stack)
    if not file.is_file():
        raise OpsError(f"there is no {file.name}", f"there are {', '.join(_known(project))}")
    return {
        key: value if isinstance(value, Mapping | list) else as_text(value)
        for key, value in own_values(file).items()
    }


def diff(options: Namespace) -> int:
    """Show how two stacks differ: settings, what is in force, resources."""
    from webstack.cli.compare.comparison import as_json, as_table, compared

    left, right = _side(options.stack, options), _side(options.other, options)
    rows = compared(left, right)
    if options.json:
        print(json_text(as_json(left, right, rows)))
    else:
        print(as_table(left, right, rows))
    return 0


def _side(stack: str, options: Namespace) -> Side:
    from webstack.cli.compare.comparison import Side

    session = open_session(stack, options.engine, options.cwd, os.environ)
    settings = values_of(session.project, stack)
    crypter = opener_of(session.project, stack)
    deployed = stack in session.records.stacks()
    exported = json.loads(session.records.export()) if deployed else {"deployment": {}}
    return Side(
        stack,
        settings,
        crypter.open if crypter else None,
        session.records.outputs() if deployed else {},
        exported["deployment"].get("resources") or (),
    )
