"""Tells who archives build contexts for the running program: its own engine, or a plugin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# Threads of the program have to see it too.
_depth = [0]


@contextmanager
def archiving_here() -> Iterator[None]:
    """Declare, while a program runs, that this package archives its contexts."""
    _depth[0] += 1
    try:
        yield
    finally:
        _depth[0] -= 1


def archives_here() -> bool:
    """Tell whether this package archives contexts. Otherwise the rules of older clients hold."""
    return _depth[0] > 0
