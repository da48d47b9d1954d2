"""Who archives build contexts for the program that runs: its own engine, or another's provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# Threads of the program have to see it too.
_depth = [0]


@contextmanager
def archiving_here() -> Iterator[None]:
    """Say, for as long as a program runs, that its contexts are archived by this package."""
    _depth[0] += 1
    try:
        yield
    finally:
        _depth[0] -= 1


def archives_here() -> bool:
    """Tell whether they are; elsewhere the rules of older clients hold."""
    return _depth[0] > 0
