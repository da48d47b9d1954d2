"""A command in a container, read line by line, that ends when nobody reads it any more."""

from __future__ import annotations

import queue
import socket
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from webstack.docker.api.streams import frames
from webstack.docker.errors import DaemonError

_LONGEST = 8192
"""Bytes after which the end of a line is not waited for."""
_WAITING = 64
"""Parts of output that wait to be shown: a command that prints faster has to wait, too."""
_PATIENCE = 0.2

# It ends with its standard input, which Docker closes when the client has gone, however it went.
# All that the command started is of one session, where the image has a program for that.
_GUARD = """exec 3<&0 </dev/null
if command -v setsid >/dev/null; then setsid "$@" 3<&- & all=-$!; else "$@" 3<&- & all=$!; fi
job=$!
( while read -r _; do :; done <&3; kill -TERM "$all"; sleep 2; kill -KILL "$all" ) \
    >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$job"
code=$?
kill "$guard" 2>/dev/null
kill -TERM "$all" 2>/dev/null
exit "$code"
"""


class Heard(NamedTuple):
    """Output that came within a while: its lines, and whether there will be no more."""

    lines: Sequence[bytes]
    ended: bool = False


class Following:
    """A command in a container, followed while it runs.

    Every method may raise what the Docker client raises.
    """

    def __init__(
        self,
        api: Any,
        container: str,
        command: tuple[str, ...],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._api = api
        guarded = ("sh", "-c", _GUARD, "sh", *command) if self._has_shell(container) else command
        more = {"environment": dict(environment)} if environment else {}
        self._job = api.exec_create(container, list(guarded), stdin=True, **more)["Id"]
        self._stream = api.exec_start(self._job, socket=True)
        self._parts: queue.Queue[tuple[int, bytes] | None] = queue.Queue(_WAITING)
        self._rests: dict[int, bytes] = defaultdict(bytes)
        self._closed = threading.Event()
        # Of no use to anybody once this run ends, so it must not keep it from ending.
        threading.Thread(target=self._read, daemon=True).start()

    def hear(self, seconds: float) -> Heard:
        """Wait for output; give no lines where none came within ``seconds``."""
        try:
            part = self._parts.get(timeout=seconds)
        except queue.Empty:
            return Heard(())
        if part is None:
            return Heard([rest for rest in self._rests.values() if rest], ended=True)
        return Heard(self._split(*part))

    def exit_code(self) -> int | None:
        """Give the exit code of the command; None while it has not ended."""
        code = self._api.exec_inspect(self._job)["ExitCode"]
        return None if code is None else int(code)

    def close(self) -> None:
        """Stop reading, so that the command ends."""
        self._closed.set()
        with suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)

    def _has_shell(self, container: str) -> bool:
        """Tell whether there is a shell; without one the command ends when it will."""
        try:
            job = self._api.exec_create(container, ["sh", "-c", ":"])["Id"]
            self._api.exec_start(job)
            return bool(self._api.exec_inspect(job)["ExitCode"] == 0)
        except DaemonError:
            return False

    def _read(self) -> None:
        with suppress(OSError, ValueError, DaemonError):
            for part in frames(self._stream):
                if not self._put(part):
                    return
        self._put(None)

    def _put(self, part: tuple[int, bytes] | None) -> bool:
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._parts.put(part, timeout=_PATIENCE)
                return True
        return False

    def _split(self, stream: int, data: bytes) -> list[bytes]:
        *lines, rest = (self._rests[stream] + data).split(b"\n")
        if len(rest) > _LONGEST:
            lines, rest = [*lines, rest], b""
        self._rests[stream] = rest
        return lines
