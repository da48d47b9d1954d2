"""Docker engines behind ssh: each connection is one ``ssh HOST docker system dial-stdio``.

The Docker SDK has its own way, which needs another package and starts a new ssh for every call;
here a connection is a real socket that stays open and is used again.
"""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3
from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest


class SshAdapter(HTTPAdapter):
    """Sends requests through ssh to the engine at ``address`` (``ssh://user@host:port``)."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._pool = _SshPool(dial_command(address))

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Give the one pool, whatever the address."""
        return self._pool

    def request_url(self, request: PreparedRequest, proxies: Mapping[str, str] | None) -> str:
        """Give the path alone; there is no proxy on this way."""
        return request.path_url

    def close(self) -> None:
        """End all connections."""
        self._pool.close()
        super().close()


def dial_command(address: str) -> list[str]:
    """Give the command whose standard input and output are a connection to the engine."""
    parts = urlsplit(address)
    user = ["-l", parts.username] if parts.username else []
    port = ["-p", str(parts.port)] if parts.port else []
    # Never ask: a prompt in the middle of a parallel run could not be answered.
    options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=30"]
    return ["ssh", *options, *user, *port, "--", parts.hostname or "", "docker system dial-stdio"]


class _SshPool(urllib3.HTTPConnectionPool):
    def __init__(self, command: list[str]) -> None:
        super().__init__("localhost", maxsize=10)
        self._command = command

    def _new_conn(self) -> _SshConnection:
        return _SshConnection(self._command)


class _SshConnection(urllib3.connection.HTTPConnection):
    def __init__(self, command: list[str]) -> None:
        super().__init__("localhost")
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                self._command, stdin=theirs.fileno(), stdout=theirs.fileno(), start_new_session=True
            )
        self.sock = ours

    def close(self) -> None:
        super().close()
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait()
            self._process = None
