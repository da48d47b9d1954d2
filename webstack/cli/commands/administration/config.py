"""`config`: read, write or remove one setting."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser, Namespace

from webstack.cli.backends import session_setup
from webstack.cli.terminal.arguments import add_flag, add_stack_option
from webstack.cli.terminal.prompts import standard_input
from webstack.contract import bounded_files, plain_text


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="get|set|rm")
    for verb, text in (("get", "print a setting"), ("set", "write one"), ("rm", "remove one")):
        words = verbs.add_parser(verb, help=text, description=text)
        words.add_argument("key", help="name, or namespace:name")
        if verb == "set":
            words.add_argument("value", nargs="?", help="read from standard input unless given")
            add_flag(words, "--secret", text="encrypt it")
        add_flag(words, "--path", text="the key is a path into a structure, such as tags.name[0]")
        add_stack_option(words)


def run(options: Namespace) -> int:
    """Read, write or remove one setting."""
    records = session_setup.session_of(options).records
    if options.verb == "get":
        value = records.get(options.key, path=options.path)
        print(plain_text.block(value) if sys.stdout.isatty() else value)
    elif options.verb == "rm":
        records.remove(options.key, path=options.path)
    else:
        value = options.value if options.value is not None else _from_standard_input(options.key)
        records.set(options.key, value, secret=options.secret, path=options.path)
    return 0


def _from_standard_input(key: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Value of {key}: ")
    return standard_input(bounded_files.SMALL).removesuffix("\n")
