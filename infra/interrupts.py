"""How the program ends when the Pulumi CLI has no use for it any more."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

_SAID_ALREADY = 32
"""Pulumi's exit code of a program whose error was shown: nothing is added to it."""


def end_quietly() -> None:
    """End at once when interrupted, as the CLI does after a failure, which it has shown by then.

    Otherwise its five seconds of patience would go by, and two tracebacks bury the error. Where
    somebody else takes interrupts, as the embedded engine does, it stays as it is.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def _end(_signal: int, _frame: FrameType | None) -> None:
    os._exit(_SAID_ALREADY)
