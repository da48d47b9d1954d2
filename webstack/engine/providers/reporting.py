"""Reports the progress of a provider in the middle of a long operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


def report(message: str) -> None:
    """Report what is being done for the current resource. Without a listener nothing happens."""
    listener = _listener.get()
    if listener is not None:
        listener(message)


@contextmanager
def heard_by(listener: Callable[[str], None]) -> Iterator[None]:
    """Pass reports of this context to a listener meanwhile."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
