"""How a provider tells what it is doing, in the middle of an operation that takes a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


def report(message: str) -> None:
    """Say what is being done for the resource at hand; heard only while one is worked on."""
    listener = _listener.get()
    if listener is not None:
        listener(message)


@contextmanager
def heard_by(listener: Callable[[str], None]) -> Iterator[None]:
    """Let a listener hear what is reported meanwhile in this context."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
