"""Tells how far a long step is: in one redrawn line on a terminal, nowhere else.

Announcements (what is about to be done to the machine) are printed everywhere. Standard library
only, since it also runs before anything is installed.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from webstack.contract import plain_text

WORTH_A_LINE = 1.0
FRAME = 0.1
CLEAR = "\r\x1b[K"
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


@dataclass
class Step:
    """Holds one running step; `at` says how far it is."""

    label: str
    started: float = field(default_factory=time.monotonic)
    detail: str = ""

    def at(self, detail: str) -> None:
        """Replace the words that say how far the step is."""
        self.detail = detail

    @property
    def elapsed(self) -> float:
        """Return the seconds since it began."""
        return time.monotonic() - self.started

    def __str__(self) -> str:
        words = f"{self.label}: {self.detail}" if self.detail else self.label
        return f"{words} ({self.elapsed:.0f} s)"


class Reporter(Protocol):
    """Takes what steps tell of what they do."""

    def announce(self, text: str) -> None:
        """Print a line that the user must see, terminal or not."""

    def step(self, label: str) -> AbstractContextManager[Step]:
        """Show a step while its block runs."""


class Quiet:
    """Says only announcements: for pipes, CI logs and tests."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr

    def announce(self, text: str) -> None:
        """Print a line that the user must see."""
        print(plain_text.block(text), file=self._out, flush=True)

    @contextmanager
    def step(self, label: str) -> Iterator[Step]:
        """Run a step without a word."""
        yield Step(label)


class Terminal:
    """Redraws one line with all running steps, and leaves a line for each that took a while."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._steps: list[Step] = []
        self._lock = threading.Lock()
        self._drawing: threading.Thread | None = None

    def announce(self, text: str) -> None:
        """Print a line above the redrawn one."""
        with self._lock:
            self._write(f"{CLEAR}{plain_text.block(text)}\n")

    @contextmanager
    def step(self, label: str) -> Iterator[Step]:
        """Show a step, redrawn until its block ends."""
        step = self.begin(label)
        ended = "stopped"
        try:
            yield step
            ended = "done"
        finally:
            self.end(step)
            if step.elapsed >= WORTH_A_LINE:
                self.announce(f"{step.label}: {ended} in {step.elapsed:.1f} s")

    def begin(self, label: str) -> Step:
        """Show a step until `end` is called with it."""
        step = Step(label)
        with self._lock:
            self._steps.append(step)
            if self._drawing is None:
                self._drawing = threading.Thread(target=self._draw, daemon=True)
                self._drawing.start()
        return step

    def end(self, step: Step) -> None:
        """Show a step no longer."""
        with self._lock:
            self._steps.remove(step)
            self._write(CLEAR)

    def print_above(self, out: TextIO, text: str) -> None:
        """Write whole lines to a stream that ends on the same terminal."""
        with self._lock:
            self._write(CLEAR)
            out.write(text)
            out.flush()

    def _draw(self) -> None:
        frame = 0
        while True:
            with self._lock:
                if not self._steps:
                    self._drawing = None
                    return
                line = plain_text.line(" · ".join(map(str, self._steps)))
                self._write(f"{CLEAR}{SPINNER[frame % len(SPINNER)]} {line[: self._width()]}")
            frame += 1
            time.sleep(FRAME)

    def _width(self) -> int:
        return max(20, shutil.get_terminal_size().columns - 3)

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def reporter() -> Reporter:
    """Choose by what standard error is."""
    return Terminal() if sys.stderr.isatty() else Quiet()
