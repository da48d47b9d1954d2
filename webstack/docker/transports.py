"""Opens connections to daemons: by a unix socket, TCP, TLS, or ssh as the docker CLI does.

Each is a real socket, which stays open and is used again: for ssh one end of a pair whose other end
is the standard input and output of ``ssh HOST docker system dial-stdio``.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl

_SAID: Final = 2000
"""Bytes of what ssh says that are shown."""
Dialled = tuple[socket.socket, "Callable[[], None] | None"]
"""A connection, and what is to be done after it was closed."""
Dial = Callable[["float | None"], Dialled]
"""Opens a connection within so many seconds; raises OSError."""


def by_socket(path: str) -> Dial:
    """Connect to a unix socket."""

    def dial(seconds: float | None) -> Dialled:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(seconds)
            connection.connect(path)
        except OSError:
            connection.close()
            raise
        return connection, None

    return dial


def by_tcp(host: str, port: int, context: ssl.SSLContext | None = None) -> Dial:
    """Connect to a port, encrypted where there is a ``context`` for it."""

    def dial(seconds: float | None) -> Dialled:
        connection = socket.create_connection((host, port), seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is None:
            return connection, None
        try:
            return context.wrap_socket(connection, server_hostname=host), None
        except OSError:
            connection.close()
            raise

    return dial


class SshDial:
    """Connects through ssh to the daemon of ``ssh://user@host:port``; keeps what ssh says."""

    def __init__(self, address: str) -> None:
        self._command = ssh_command(address)
        with tempfile.TemporaryFile() as file:
            self._said = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._said)

    def __call__(self, _seconds: float | None) -> Dialled:
        """Open a connection; ssh itself gives up after a while."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                self._command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._said,
                start_new_session=True,
            )

        def end() -> None:
            process.terminate()
            process.wait()

        return ours, end

    def problem(self) -> str:
        """Give in one line what ssh has said, such as why it lets nobody in."""
        return " ".join(os.pread(self._said, _SAID, 0).decode(errors="replace").split())


def ssh_command(address: str, command: str = "docker system dial-stdio") -> list[str]:
    """Return the command line that runs a line of shell there, unless told a connection to Docker.

    With that, standard input and output are the connection to the daemon.
    """
    parts = urlsplit(address)
    user = ["-l", parts.username] if parts.username else []
    port = ["-p", str(parts.port)] if parts.port else []
    # Never ask: a prompt in the middle of a parallel run could not be answered.
    options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=30"]
    return ["ssh", *options, *user, *port, "--", parts.hostname or "", command]
