"""`stack`: create, list, remove, export and import stacks."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from webstack.cli.backends import session_setup
from webstack.cli.backends.composition import StackSession
from webstack.cli.environments.copied_stack import init_like
from webstack.cli.state.public_state import public
from webstack.cli.terminal.arguments import STACK_HELP, add_flag, add_project, add_shared
from webstack.cli.terminal.errors import OpsError
from webstack.cli.terminal.prompts import standard_input
from webstack.contract import bounded_files, plain_text
from webstack.engine.storage import files
from webstack.engine.storage.privacy import PRIVATE

YES = ("y", "yes")
_VERBS = {
    "init": "create a stack",
    "ls": "list the stacks",
    "rm": "remove a stack's records",
    "export": "print the state, or write it to --file",
    "import": "replace the state by an exported one",
}


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(_VERBS))
    for verb, text in _VERBS.items():
        words = verbs.add_parser(verb, help=text, description=text)
        add_project(words)
        if verb != "ls":
            words.add_argument("stack_word", nargs="?", metavar="STACK", help=STACK_HELP)
        if verb == "init":
            _add_like(words)
        if verb == "export":
            add_flag(words, "--public", text="with a mask in place of each secret")
        if verb in ("export", "import"):
            words.add_argument("--file", type=Path, help="in place of the standard streams")
        if verb == "ls":
            add_shared(words, "--json")
        if verb == "rm":
            add_flag(words, "--yes", "-y", text="do not ask")
            add_flag(words, "--force", "-f", text="even if its resources still exist")


def _add_like(words: ArgumentParser) -> None:
    words.add_argument("--like", metavar="STACK", help="copy the settings of this one")
    words.add_argument("--port", type=int, metavar="N", help="with --like: its port")
    words.add_argument("--host", metavar="NAME", help="with --like: the host to serve it at")
    words.add_argument(
        "--expires", metavar="TIME", help="with --like: how long it is to live, such as 72h"
    )


def run(options: Namespace) -> int:
    """Create, list, remove, export or import stacks."""
    session = session_setup.session_of(options)
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
            else standard_input(bounded_files.LARGEST)
        )
    return 0


def _remove(session: StackSession, options: Namespace) -> None:
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
