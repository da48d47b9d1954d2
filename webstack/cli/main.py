"""Finds the command that is meant, and runs it."""

from __future__ import annotations

import argparse
import atexit
import gc
import sys
from collections.abc import Collection, Sequence
from typing import NoReturn

from webstack import __version__
from webstack.cli import command_table
from webstack.cli.command_table import COMMANDS

INTERRUPTED = 130
MAY_BE_SETTLED = ("up", "preview")
RUNS_PROGRAM = ("up", "preview", "promote", "rollback")
SELDOM = (100_000, 20, 100)
"""When to look for garbage: modules and declarations are none, and come by the thousand.

At Python's own pace the search takes a sixth of a run that changes nothing.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives Pulumi's exit codes. What the user can mend is told in one line."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    command = words[0] if words and words[0] in COMMANDS else None
    try:
        if command in MAY_BE_SETTLED and _answered(words):
            return 0
        return _run(command, words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; Python would complain at exit
        return 0


def _answered(words: Sequence[str]) -> bool:
    from webstack.cli.settled import shortcut

    return shortcut.answered(words)


def _run(command: str | None, words: Sequence[str]) -> int:
    if command in RUNS_PROGRAM:
        gc.set_threshold(*SELDOM)
        atexit.register(gc.freeze)  # Python would search all once more before it ends
    options = parser({command} if command else ()).parse_args(words)
    said = getattr(options, "stack_word", None)
    options.stack = getattr(options, "stack", None) if said is None else said
    # Imported only now, so that --help needs nothing else.
    from webstack.cli.terminal.errors import OpsError
    from webstack.contract import plain_text
    from webstack.engine.model.errors import EngineError

    try:
        return command_table.find(options.command).run(options)
    except (OpsError, EngineError) as error:
        print(plain_text.block(f"error: {error}"), file=sys.stderr)
        return getattr(error, "exit_code", 1)


def parser(described: Collection[str] = COMMANDS.keys()) -> argparse.ArgumentParser:
    """Give what reads the command line: it knows all commands, and the options of some."""
    top = _Parser(
        prog="webstack",
        description="Runs the project's Pulumi program, with the Pulumi CLI or without it.",
    )
    top.add_argument("--version", action="version", version=f"webstack {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, text in COMMANDS.items():
        words = commands.add_parser(command, help=text, description=text)
        if command in described:
            command_table.find(command).arguments(words)
    return top


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong with the words of a command line, which may hold anything, escaped."""

    def error(self, message: str) -> NoReturn:
        from webstack.contract import plain_text  # --help needs nothing of it

        super().error(plain_text.line(message))


if __name__ == "__main__":
    sys.exit(main())
