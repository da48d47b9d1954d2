"""Interrupts while other programs run: passed on to them, and enforced where they do not end."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from webstack.engine.program.interrupts import PATIENCE
from webstack.engine.storage import processes

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TRIES, _PAUSE = 20, 0.05


class Interruptible:
    """Programs that are waited for; each leads a session of its own, by whose number it is known.

    So it hears of Ctrl-C from here alone, and once: a second one would end it in the midst of its
    work. And what it has started is found in its session, whatever groups that has made.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._interrupted = False
        self._leaders: set[int] = set()
        self._lock = threading.RLock()  # a handler may come between any two steps of its thread

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Pass interrupts on meanwhile; what is ignored stays so.

        Only the main thread can take them. For a program that another thread waits for they come
        while the main thread waits for one, too.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._interrupted = False
        before = {number: signal.getsignal(number) for number in _INTERRUPTS}
        taken = [number for number in _INTERRUPTS if before[number] is not signal.SIG_IGN]
        for number in taken:
            signal.signal(number, self._pass_on)
        try:
            yield
        finally:
            for number in taken:
                signal.signal(number, before[number])

    @contextmanager
    def reached(self, leader: int) -> Iterator[None]:
        """Let interrupts reach this program meanwhile, one that came just before it, too."""
        with self._lock:
            self._leaders.add(leader)
            if self._interrupted:
                self._ask({leader})
        try:
            yield
        finally:
            with self._lock:
                self._leaders.discard(leader)

    @property
    def interrupted(self) -> bool:
        """Tell whether an interrupt came since the last watch began."""
        return self._interrupted

    def _pass_on(self, _signal: int, _frame: FrameType | None) -> None:
        """Ask each program to end, as Ctrl-C does; what runs on in some seconds is ended."""
        self._interrupted = True
        with self._lock:
            self._ask(set(self._leaders))

    def _ask(self, leaders: set[int]) -> None:
        for leader in leaders:
            with suppress(ProcessLookupError):
                os.kill(leader, signal.SIGINT)
        timer = threading.Timer(self._patience, self._end, [leaders])
        timer.daemon = True
        timer.start()

    def _end(self, leaders: set[int]) -> None:
        with self._lock:
            left = leaders & self._leaders
        for leader in left:
            end_session(leader)


def end_session(leader: int) -> None:
    """Kill a process and all that it has started, but for what has left its session."""
    for _ in range(_TRIES):  # what is started meanwhile is found the next time
        members = processes.of_session(leader)
        if not members:
            return
        for member in members:
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        time.sleep(_PAUSE)
