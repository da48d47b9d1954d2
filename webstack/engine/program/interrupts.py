"""Handles Ctrl-C: the first one lets the run end and save, the second ends the process at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM)
PATIENCE: Final = 4.0
"""Seconds that a run has to wind down: what is still under way then, the next run settles."""
_LEFT: Final = b"What is under way does not end in time; the next run completes or undoes it.\n"
NOTICE: Final = (
    "^C received; cancelling. If you would like to terminate immediately, press ^C again.\n"
    "Note that terminating immediately may lead to orphaned resources and other inconsistencies."
)


@contextmanager
def handled(wind_down: Callable[[], None], at_once: Callable[[], None]) -> Iterator[None]:
    """Call ``wind_down`` on the first interrupt; ``at_once`` and end on the second, or in 4 s.

    Only the main thread can take signals; elsewhere interrupts stay what they were.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Python runs handlers when the main thread comes to it, which may be asleep until a long step
    # has ended; a thread of its own hears of a signal at once.
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    over = threading.Event()
    threading.Thread(target=_listen, args=(ear, wind_down, at_once, over), daemon=True).start()
    before = {number: signal.signal(number, _leave) for number in _INTERRUPTS}
    waking = signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    try:
        yield
    finally:
        over.set()
        signal.set_wakeup_fd(waking)
        os.close(mouth)
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(
    ear: int,
    wind_down: Callable[[], None],
    at_once: Callable[[], None],
    over: threading.Event,
) -> None:
    received = False
    with open(ear, "rb", buffering=0) as signals:
        while number := signals.read(1):
            if number[0] not in _INTERRUPTS:
                continue
            if received:
                at_once()
                os._exit(1)
            received = True
            # The run may hold any lock right now, so its winding down must keep nobody waiting.
            threading.Thread(target=wind_down, daemon=True).start()
            threading.Thread(target=_watch, args=(at_once, over), daemon=True).start()


def _watch(at_once: Callable[[], None], over: threading.Event) -> None:
    """End a run that does not wind down: a step may wait for minutes, and for somebody else."""
    if not over.wait(PATIENCE):
        os.write(2, _LEFT)
        at_once()
        os._exit(1)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: the listener handles the signal."""
