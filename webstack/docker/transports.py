"""Connects to daemons behind a unix socket or ssh, with one pool for all calls.

The Docker SDK's own ways have a pool for each URL, so that sockets pile up unused, and for ssh
need another package and start a new ssh for every call. Here a connection is always a real
socket, which stays open and is used again: for ssh one end of a pair whose other end is the
standard input and output of ``ssh HOST docker system dial-stdio``.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest

_SAID: Final = 2000
"""Bytes of what ssh says that are shown."""
Dial = Callable[[], "tuple[socket.socket, Callable[[], None]]"]
"""Opens a connection; gives it with what is to be done after it was closed."""


class TransportAdapter(HTTPAdapter):
    """Sends requests over its own connections, whatever the host in the URL."""

    def __init__(self, dial: Dial) -> None:
        super().__init__()
        self._pool = _Pool(dial)

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the one pool."""
        return self._pool

    def request_url(self, request: PreparedRequest, proxies: Mapping[str, str] | None) -> str:
        """Return the path alone: no HTTP proxy lies on this way."""
        return request.path_url

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()
        super().close()


class _Pool(urllib3.HTTPConnectionPool):
    def __init__(self, dial: Dial) -> None:
        super().__init__("localhost", maxsize=16)
        self._dial = dial

    def _new_conn(self) -> _Connection:
        return _Connection(self._dial)


class _Connection(urllib3.connection.HTTPConnection):
    def __init__(self, dial: Dial) -> None:
        super().__init__("localhost")
        self._dial = dial
        self._ended: Callable[[], None] | None = None

    def connect(self) -> None:
        self.sock, self._ended = self._dial()

    def close(self) -> None:
        super().close()
        if self._ended is not None:
            self._ended()
            self._ended = None


def by_socket(path: str) -> Dial:
    """Connect to a unix socket."""

    def dial() -> tuple[socket.socket, Callable[[], None]]:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            raise
        return connection, _nothing

    return dial


class SshDial:
    """Connects through ssh to the daemon of ``ssh://user@host:port``; keeps what ssh says."""

    def __init__(self, address: str) -> None:
        self._command = ssh_command(address)
        with tempfile.TemporaryFile() as file:
            self._said = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._said)

    def __call__(self) -> tuple[socket.socket, Callable[[], None]]:
        """Open a connection."""
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


def _nothing() -> None:
    """Do nothing: a socket is closed and that is all."""
