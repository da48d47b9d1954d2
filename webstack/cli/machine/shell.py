"""Runs another program and waits for it; nothing else in the command does."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from webstack.cli.machine.interrupts import Interruptible
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text

TAIL = 12
WIDTH = 240
_INTERRUPTIBLE = Interruptible()


class CommandError(OpsError):
    """Reports a program that ended with an error; the message has the last lines it printed."""

    def __init__(self, argv: Sequence[str], code: int, output: str) -> None:
        lines = [line for line in plain_text.lines(output) if line.strip()]
        shown = "".join(f"\n    {line[:WIDTH]}" for line in lines[-TAIL:])
        super().__init__(f"`{' '.join(argv[:4])}` failed with exit code {code}{shown}")
        self.code = code
        self.output = output


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
    pass_fds: Sequence[int] = (),
) -> str:
    """Run a program to its end and give what it printed; raises `CommandError`."""
    # Into a file: a daemon that the program leaves behind would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        code = _run(argv, output, env=env, cwd=cwd, timeout=timeout, pass_fds=pass_fds)
        output.seek(0)
        printed = output.read()
    if code:
        raise CommandError(argv, code, printed)
    return printed


def _run(argv: Sequence[str], output: TextIO, *, timeout: float | None, **options: Any) -> int:
    try:
        done = subprocess.run(
            argv,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            **options,
        )
    except FileNotFoundError as error:
        raise CommandError(argv, 127, f"{argv[0]}: not found") from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(argv, 124, f"no answer within {timeout:g} s") from error
    return done.returncode


def succeeds(argv: Sequence[str], timeout: float = 10) -> bool:
    """Tell whether a quick check program ends well."""
    try:
        run(argv, timeout=timeout)
    except CommandError:
        return False
    return True


@dataclass(frozen=True)
class Finished:
    """Holds how a program ended, and what it printed."""

    code: int
    out: str
    error: str


def finished(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, given: str = ""
) -> Finished:
    """Run a program to its end, good or bad; raises KeyboardInterrupt after an interrupt."""
    pipe = subprocess.PIPE
    with (
        _INTERRUPTIBLE.watched(),
        _started(argv, env=env, cwd=cwd, stdin=pipe, stdout=pipe, stderr=pipe) as process,
    ):
        out, error = process.communicate(given)
    if _INTERRUPTIBLE.interrupted:
        raise KeyboardInterrupt
    return Finished(process.returncode, out, error)


def read(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, given: str = "") -> str:
    """Run a program and give its standard output alone; its error output goes into the error."""
    done = finished(argv, env=env, cwd=cwd, given=given)
    if done.code:
        raise CommandError(argv, done.code, done.error or done.out)
    return done.out


def attached(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    on_error_line: Callable[[str], None] | None = None,
    on_start: Callable[[int], object] | None = None,
) -> int:
    """Run a program on this terminal and give its exit code; its number is told on its start.

    Ctrl-C and SIGTERM are passed on to it. It is waited for, since it saves its work before it
    ends; but only for some seconds (``interrupts``).
    """
    with _INTERRUPTIBLE.watched():
        stderr = None if on_error_line is None else subprocess.PIPE
        with _started(argv, env=env, cwd=cwd, stderr=stderr) as process:
            if on_start is not None:
                on_start(process.pid)
            if on_error_line is not None:
                for line in process.stderr or ():
                    on_error_line(line)
            return process.wait()


@contextmanager
def _started(argv: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a program that interrupts reach until its end."""
    try:
        process = subprocess.Popen(argv, text=True, start_new_session=True, **options)
    except FileNotFoundError as error:
        raise CommandError(argv, 127, f"{argv[0]}: not found") from error
    with _INTERRUPTIBLE.reached(process.pid), process:
        yield process
