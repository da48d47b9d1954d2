"""The use cases that read or write what is on record: outputs, history, settings, stacks."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from webstack.cli.backends import pulumi_environment
from webstack.cli.backends.composition import Session, identified, open_session
from webstack.cli.commands.environments import init_like
from webstack.cli.machine.docker_daemon import find
from webstack.cli.machine.docker_endpoints import candidates
from webstack.cli.state.public_state import public
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.json_text import json_text
from webstack.cli.terminal.tables import table
from webstack.contract import bounded_files, plain_text
from webstack.docker.endpoint import Endpoint
from webstack.engine.project.project import Project
from webstack.engine.storage import files
from webstack.engine.storage.privacy import PRIVATE

YES = ("y", "yes")


def outputs(options: Namespace) -> int:
    """Print the stack's outputs."""
    found = _session(options).records.outputs(show_secrets=options.show_secrets)
    if options.json:
        print(json_text(found))
    elif found:
        rows = [(key, _shown(value)) for key, value in sorted(found.items())]
        print(table(("OUTPUT", "VALUE"), rows))
    else:
        print("This stack has no outputs yet; run `webstack up`.", file=sys.stderr)
    return 0


def history(options: Namespace) -> int:
    """List the updates, the newest first."""
    updates = _session(options).records.history()
    if options.json:
        print(json_text(updates))
    elif updates:
        print(table(("STARTED", "KIND", "RESULT", "CHANGES"), [_update(item) for item in updates]))
    return 0


def config(options: Namespace) -> int:
    """Read, write or remove one setting."""
    records = _session(options).records
    if options.verb == "get":
        value = records.get(options.key, path=options.path)
        print(plain_text.block(value) if sys.stdout.isatty() else value)
    elif options.verb == "rm":
        records.remove(options.key, path=options.path)
    else:
        value = options.value if options.value is not None else _from_standard_input(options.key)
        records.set(options.key, value, secret=options.secret, path=options.path)
    return 0


def stack(options: Namespace) -> int:
    """Create, list, remove, export or import stacks."""
    session = _session(options)
    records = session.records
    if options.verb == "init" and options.like:
        init_like(session, options)
    elif options.verb == "init":
        if options.port or options.host or options.expires:
            raise OpsError("--port, --host and --expires go with --like", "add --like STACK")
        records.create()
        print(f"Created the stack {session.stack}.", file=sys.stderr)
    elif options.verb == "ls":
        names = records.stacks()
        print(json.dumps(names) if options.json else plain_text.block("\n".join(names)))
    elif options.verb == "rm":
        _remove(session, options)
    elif options.verb == "export":
        exported = records.export(show_secrets=options.public)
        _write(options, public(exported) if options.public else exported)
    else:
        records.import_(
            files.read(options.file).decode(errors="replace")
            if options.file
            else _standard_input(bounded_files.LARGEST)
        )
    return 0


def env(options: Namespace) -> int:
    """Print what the Pulumi CLI needs to find state, passphrase and engine, for a shell's eval."""
    project, name = identified(options.stack, options.cwd, os.environ)
    added = pulumi_environment.variables(project, name, os.environ)
    pulumi_environment.make_state_folder(Project.load(project.root, {**os.environ, **added}))
    endpoint = _engine_in_use()
    named = endpoint.variables if endpoint else {}
    unsaid = {name: value for name, value in named.items() if os.environ.get(name) != value}
    print(pulumi_environment.exports({**unsaid, **added}), end="")
    for name in endpoint.misleading if endpoint else ():
        if name in os.environ:
            print(f"unset {name}")
    return 0


def _engine_in_use() -> Endpoint | None:
    try:
        return find(candidates(os.environ, Path.home()))
    except OpsError:
        return None  # whoever runs the CLI then hears of it from there


def _session(options: Namespace) -> Session:
    return open_session(options.stack, options.engine, options.cwd, os.environ)


def _remove(session: Session, options: Namespace) -> None:
    if not options.yes:
        if not sys.stdin.isatty():
            raise OpsError("removing a stack needs a yes", "add --yes")
        if input(f"Remove all records of {session.stack}? [y/N] ").strip().lower() not in YES:
            print("Nothing was removed.", file=sys.stderr)
            return
    session.records.delete(force=options.force)
    print(f"Removed the stack {session.stack}.", file=sys.stderr)


def _write(options: Namespace, text: str) -> None:
    if not options.file:
        sys.stdout.write(plain_text.block(text))
        return
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(options.file, flags, PRIVATE.file), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OpsError(f"cannot write {options.file}: {error.strerror}", "name another") from error


def _from_standard_input(key: str) -> str:
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(f"Value of {key}: ")
    return _standard_input(bounded_files.SMALL).removesuffix("\n")


def _standard_input(limit: int) -> str:
    text = sys.stdin.read(limit + 1)
    if len(text) > limit:
        raise OpsError(f"standard input has more than {limit >> 20} MiB", "give it less")
    return text


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _update(record: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Turn a history record, the engine's (seconds) or the CLI's (ISO time), into a row."""
    started = record.get("startTime", 0)
    moment = (
        datetime.fromtimestamp(started).astimezone()
        if isinstance(started, int)
        else datetime.fromisoformat(str(started).replace("Z", "+00:00")).astimezone()
    )
    changes = ", ".join(
        f"{count} {operation}"
        for operation, count in sorted((record.get("resourceChanges") or {}).items())
    )
    return (
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        str(record.get("kind", "")),
        str(record.get("result", "")),
        changes,
    )
