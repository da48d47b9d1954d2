"""Questions: asked only of someone who sits at a terminal and has not said yes already."""

from __future__ import annotations

import sys
from argparse import Namespace

from webstack.cli.terminal.errors import OpsError

DECLINED = 8
"""Pulumi's exit code for a question answered with no."""


def asks(options: Namespace) -> bool:
    """Tell whether there is someone to ask, who has not said yes already."""
    return not options.yes and is_terminal()


def is_terminal() -> bool:
    """Tell whether someone can read a question and answer it."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def confirmed(question: str) -> bool:
    """Ask, and say so where the answer is no."""
    try:
        answer = input(f"\n{question} [y/N] ").strip().lower()
    except EOFError:
        return False
    if answer in ("y", "yes"):
        return True
    print("Nothing was changed.", file=sys.stderr)
    return False


def agreed_to_remove(question: str) -> bool:
    """Ask; where nobody can answer, that is a no, and `--yes` is what is missing."""
    if is_terminal():
        return confirmed(question)
    print("Nothing was removed; add --yes.", file=sys.stderr)
    return False


def standard_input(limit: int) -> str:
    """Read standard input whole; raises OpsError where it has more than ``limit`` characters."""
    text = sys.stdin.read(limit + 1)
    if len(text) > limit:
        raise OpsError(f"standard input has more than {limit >> 20} MiB", "give it less")
    return text
