"""Ctrl-C: once, the run winds down and saves; twice, the process ends at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

NOTICE: Final = (
    "^C received; cancelling. If you would like to terminate immediately, press ^C again.\n"
    "Note that terminating immediately may lead to orphaned resources and other inconsistencies."
)


@contextmanager
def handled(wind_down: Callable[[], None], at_once: Callable[[], None]) -> Iterator[None]:
    """Call ``wind_down`` on the first interrupt, ``at_once`` and end on the second.

    Only the main thread can take signals; elsewhere interrupts stay what they were.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received = False

    def handle(_signal: int, _frame: FrameType | None) -> None:
        nonlocal received
        if received:
            at_once()
            os._exit(1)
        received = True
        # The run may hold any lock right now, so its winding down must not wait in this handler.
        threading.Thread(target=wind_down, daemon=True).start()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
