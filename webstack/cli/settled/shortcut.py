"""Answers `up` and `preview` at once where the last run found nothing to do, and still would.

It imports little: this is what those commands cost as long as there is nothing to do.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence

from webstack.cli.settled import kept, look

_FILE = "Pulumi.yaml"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_YES, _STACK = ("--yes", "-y"), ("--stack", "-s")


def answered(words: Sequence[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Answer a command, given with its words; tells whether that could be done.

    Where it could not, nothing was printed, and the command has to find out by itself.
    """
    began = time.monotonic()
    command, stack, root = words[0], _stack(words, environ), _root()
    if stack is None or root is None or not _may_go_on(words):
        return False
    settled = kept.load(root, stack)
    if settled is None or not settled.holds(environ) or look.seen(settled.asked) != settled.found:
        return False
    print(f"{stack}: run by {settled.words['by']}", file=sys.stderr, flush=True)
    tell = _previewed if command == "preview" else _brought_up
    print(tell(stack, settled.words, began), flush=True)
    return True


def _stack(words: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """Give the stack that a command names; None where it says anything else."""
    said: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word in _STACK:
            said.append(next(rest, ""))
        elif not word.startswith("-"):
            said.append(word)
        elif not (words[0] == "up" and word in _YES):
            return None
    stack = said[0] if said else environ.get("PULUMI_STACK", "dev")
    return stack if len(said) < 2 and stack and {*stack} <= _LETTERS else None


def _may_go_on(words: Sequence[str]) -> bool:
    """Tell whether nobody would be shown a preview and asked about it."""
    asks = words[0] == "up" and not {*_YES} & {*words}
    return not (asks and sys.stdin.isatty() and sys.stdout.isatty())


def _root() -> str | None:
    """Find the project above the working directory."""
    folder = os.getcwd()  # noqa: PTH109 - pathlib takes its time
    while not os.path.isfile(f"{folder}/{_FILE}"):  # noqa: PTH113 - as above
        if folder in ("/", ""):
            return None
        folder = folder.rpartition("/")[0] or "/"
    return folder


def _previewed(stack: str, words: Mapping[str, object], _began: float) -> str:
    return (
        f"Previewing update ({stack}):\nResources:\n    {words['unchanged']} unchanged\n\n"
        f"{words['closing']}"
    )


def _brought_up(stack: str, words: Mapping[str, object], began: float) -> str:
    from webstack.cli.terminal import summary

    told = summary.of_up(stack, {"services": words["services"]}, time.monotonic() - began)
    return f"{summary.nothing_to_change(words['unchanged'])}\n{told}"
