"""`diff`: show how two stacks differ: settings, what is in force, resources."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.compare.comparison import Side, as_json, as_table, compared
from webstack.cli.environments.stack_settings import opener_of, values_of
from webstack.cli.terminal.arguments import add_project, add_shared
from webstack.cli.terminal.json_text import json_text


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    add_project(parser)
    parser.add_argument("stack_word", metavar="STACK", help="the one")
    parser.add_argument("other", metavar="OTHER", help="the other")
    add_shared(parser, "--json")


def run(options: Namespace) -> int:
    """Show how two stacks differ: settings, what is in force, resources."""
    left, right = _side(options.stack, options), _side(options.other, options)
    rows = compared(left, right)
    if options.json:
        print(json_text(as_json(left, right, rows)))
    else:
        print(as_table(left, right, rows))
    return 0


def _side(stack: str, options: Namespace) -> Side:
    session = session_setup.session_of(options, stack=stack)
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
