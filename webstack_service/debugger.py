"""Lets `breakpoint()` wait for `webstack debug`, in development: pdb over a unix socket.

The stack names `wait` in PYTHONBREAKPOINT where it is for development. Nothing listens before code
gets to a breakpoint, and nothing on a network: `webstack debug` runs this module in the container.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pdb
import select
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any, cast

FOLDER = Path("/tmp/webstack-debug")  # noqa: S108 - private to the container
PATIENCE = 60.0
"""Seconds that a request waits for somebody to come."""
_LOOK = 0.2

_log = logging.getLogger("webstack_service.debugger")


def wait(*_: object, **__: object) -> None:
    """Stop the code that called `breakpoint()`, and talk to whoever comes within a minute.

    Where nobody comes, the code goes on.
    """
    frame = sys._getframe().f_back
    if frame is not None:
        stop(frame, FOLDER, PATIENCE)


def stop(frame: FrameType, folder: Path, patience: float) -> None:
    """Stop a frame: a socket in ``folder`` waits so many seconds for who wants to look at it."""
    where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    with _listening(folder) as listener:
        _log.info("waiting at %s: `webstack debug` talks to it", where)
        listener.settimeout(patience)
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            _log.info("nobody came to %s: it goes on", where)
            return
    connection.setblocking(True)
    _Session(connection).set_trace(frame)


@contextlib.contextmanager
def _listening(folder: Path) -> Iterator[socket.socket]:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{os.getpid()}-{threading.get_native_id()}.sock"
    early = path.with_suffix(".early")
    early.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(early))
        listener.listen(1)
        early.rename(path)  # only now somebody may come
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


class _Session(pdb.Pdb):
    """Talks to whoever came, until the code goes on without a breakpoint left."""

    def __init__(self, connection: socket.socket) -> None:
        self._lines = _Lines(connection)
        file = cast("IO[str]", self._lines)
        super().__init__(stdin=file, stdout=file, nosigint=True, readrc=False)
        self.prompt = "(pdb) "

    def do_continue(self, arg: str) -> Any:
        """Let the code go on; the talk ends unless another breakpoint was set."""
        done = super().do_continue(arg)
        if not self.get_all_breaks():
            self._lines.close()
        return done

    do_c = do_cont = do_continue

    def do_EOF(self, arg: str) -> Any:  # noqa: N802 - as pdb names it
        """Let the code go on, since who talked to it has gone."""
        self.clear_all_breaks()
        return self.do_continue(arg)

    def do_quit(self, arg: str) -> Any:
        """End the code with an error, as pdb does, and the talk with it."""
        done = super().do_quit(arg)
        self._lines.close()
        return done

    do_q = do_exit = do_quit


class _Lines:
    """Reads and writes lines over a connection; one that is gone has no more, and takes all."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._read = connection.makefile("r", encoding="utf-8", errors="replace")

    def readline(self, *_: Any) -> str:
        try:
            return self._read.readline()
        except (OSError, ValueError):
            return ""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._connection.sendall(text.encode(errors="replace"))
        return len(text)

    def flush(self) -> None:
        """Do nothing: all is sent at once."""

    def close(self) -> None:
        self._read.close()
        self._connection.close()


def attach(folder: Path = FOLDER) -> None:
    """Talk to each breakpoint that is reached, the first one first, until standard input ends."""
    print("Waiting for code that calls breakpoint(); Ctrl-C ends this.", flush=True)
    while True:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(_next(folder)))
            if not _talk(connection):
                return
            print("It goes on. Waiting for the next one.", flush=True)


def _next(folder: Path) -> Path:
    """Wait for a socket, and give the one that waits longest."""
    while True:
        waiting = sorted(folder.glob("*.sock"), key=_age) if folder.is_dir() else []
        if waiting:
            return waiting[0]
        time.sleep(_LOOK)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _talk(connection: socket.socket) -> bool:
    """Pass lines to and fro until the debugger goes on; tells whether more could be typed."""
    typed = b"first"
    while True:
        watched = [connection, sys.stdin.fileno()] if typed else [connection]
        ready, _, _ = select.select(watched, [], [])
        if connection in ready:
            said = connection.recv(65536)
            if not said:
                return bool(typed)
            sys.stdout.write(said.decode(errors="replace"))
            sys.stdout.flush()
        else:
            typed = os.read(sys.stdin.fileno(), 65536)
            if typed:
                connection.sendall(typed)
            else:
                connection.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        attach()
