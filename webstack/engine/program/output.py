"""Reports what a program or its children print as messages, line by line."""

from __future__ import annotations

import io
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, Final

from webstack.engine.model.events import Diagnostic, Observer

Report = Callable[[str], None]

_PATIENCE: Final = 5.0
"""Seconds to wait, in the end, for children that hold on to the program's output."""


class _Lines(io.TextIOBase):
    """Reports each line written to it. Children write to its descriptor."""

    encoding = "utf-8"

    def __init__(self, report: Report, descriptor: int) -> None:
        self._report = report
        self._descriptor = descriptor
        self._rest = ""
        self.buffer = _Bytes(self)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._report(line)
        return len(text)

    def flush_rest(self) -> None:
        if self._rest:
            self._report(self._rest)
            self._rest = ""


class _Bytes(io.RawIOBase):
    """Stands below a stream of text for programs that write bytes."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        content = bytes(content)
        self._lines.write(content.decode(errors="replace"))
        return len(content)


@contextmanager
def reported(observe: Observer) -> Iterator[None]:
    """Turn what is printed meanwhile into messages, all of which have come when this ends."""

    def report(line: str) -> None:
        observe(Diagnostic("info", line))

    reading, writing = os.pipe()
    reader = threading.Thread(target=_relay, args=(reading, report), daemon=True)
    reader.start()
    out = _Lines(report, writing)
    try:
        with redirect_stdout(out), redirect_stderr(out), _children(writing):
            yield
    finally:
        out.flush_rest()
        os.close(writing)
        reader.join(_PATIENCE)


def _relay(descriptor: int, report: Report) -> None:
    with open(descriptor, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            report(line.removesuffix("\n"))


@contextmanager
def _children(descriptor: int) -> Iterator[None]:
    """Let children that would inherit standard output or error write to a descriptor instead."""
    start = subprocess.Popen.__init__

    def redirected(self: Any, *arguments: Any, **options: Any) -> None:
        for position, name in ((4, "stdout"), (5, "stderr")):
            if len(arguments) <= position and options.get(name) is None:
                options[name] = descriptor
        start(self, *arguments, **options)

    subprocess.Popen.__init__ = redirected  # type: ignore[method-assign]
    try:
        yield
    finally:
        subprocess.Popen.__init__ = start  # type: ignore[method-assign]
