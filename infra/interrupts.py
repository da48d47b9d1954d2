"""Ends the program when the Pulumi CLI has no use for it any more."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

_SAID_ALREADY = 32
"""Pulumi's exit code of a program whose error was shown: nothing is added to it."""


def end_quietly() -> None:
    """End at once when interrupted. The CLI interrupts after a failure that it has shown.

    Otherwise the CLI would wait five seconds, and two tracebacks would hide the error. Nothing
    changes where somebody else handles interrupts, as the embedded engine does.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def _end(_signal: int, _frame: FrameType | None) -> None:
    os._exit(_SAID_ALREADY)
