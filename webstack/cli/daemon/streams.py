"""A command in a container with the streams of this process, or with files: as `docker exec`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO, Any

from webstack.cli.daemon.containers import plain_errors
from webstack.docker.api.streams import Stream, frames
from webstack.docker.errors import DaemonError

_CHUNK = 1 << 18
_STDOUT, _STDERR = 1, 2


def run(
    api: Any,
    container: str,
    command: Sequence[str],
    *,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes],
    stderr: IO[bytes] | None = None,
) -> int:
    """Run a command and give its exit code; nothing of it is kept in memory.

    Raises OpsError where the daemon does not answer.
    """
    with plain_errors():
        job = api.exec_create(container, list(command), stdin=stdin is not None)["Id"]
        _pass_on(api.exec_start(job, socket=True), stdin, stdout, stderr)
        return int(api.exec_inspect(job)["ExitCode"] or 0)


def converse(api: Any, container: str, command: Sequence[str]) -> int:
    """Let a user of this terminal talk to a command; gives its exit code."""
    with plain_errors():
        job = api.exec_create(
            container, list(command), stdin=True, tty=True, environment={"TERM": "xterm"}
        )["Id"]
        _talk(api.exec_start(job, socket=True, tty=True), partial(api.exec_resize, job))
        return int(api.exec_inspect(job)["ExitCode"] or 0)


def run_main(api: Any, container: str, *, terminal: bool) -> int:
    """Start a container that waits for its input, and be its streams; gives its exit code.

    With a ``terminal`` the user talks to it. Raises OpsError where the daemon does not answer.
    """
    parts = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    with plain_errors():
        stream = api.attach_socket(container, params=parts)
        api.start(container)
        if terminal:
            _talk(stream, partial(api.resize, container))
        else:
            _pass_on(stream, sys.stdin.buffer, sys.stdout.buffer, None)
        return int(api.wait(container)["StatusCode"])


def _pass_on(
    stream: Stream, stdin: IO[bytes] | None, stdout: IO[bytes], stderr: IO[bytes] | None
) -> None:
    """Write what comes until its end, and send what there is to read meanwhile."""
    if stdin is not None:
        # It ends with the command, whether or not all was read.
        threading.Thread(target=_feed, args=(stream, stdin), daemon=True).start()
    for kind, data in frames(stream):
        target = stdout if kind == _STDOUT else stderr or sys.stderr.buffer
        target.write(data)
        target.flush()


def _talk(stream: Stream, resize: Callable[..., object]) -> None:
    """Let a user of this terminal talk to a command until its end."""
    with _raw_terminal(), _sized(resize):
        threading.Thread(target=_type, args=(stream,), daemon=True).start()
        while data := stream.recv(_CHUNK):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


def _feed(stream: Stream, source: IO[bytes]) -> None:
    read = getattr(source, "read1", source.read)  # what there is, without waiting for more
    with contextlib.suppress(OSError, ValueError):
        while data := read(_CHUNK):
            stream.sendall(data)
        stream.shutdown(socket.SHUT_WR)


def _type(stream: Stream) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := os.read(sys.stdin.fileno(), _CHUNK):
            stream.sendall(data)


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _sized(resize: Callable[..., object]) -> Iterator[None]:
    """Tell the command how large the terminal is, now and whenever that changes."""

    def tell(*_: object) -> None:
        size = shutil.get_terminal_size()
        with contextlib.suppress(DaemonError):
            resize(height=size.lines, width=size.columns)

    tell()
    before = signal.signal(signal.SIGWINCH, tell)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
