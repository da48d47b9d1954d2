"""Connects to a Docker daemon: over a unix socket, ssh, TCP or TLS."""

from __future__ import annotations

from functools import cache
from typing import Final
from urllib.parse import urlsplit

from webstack.docker.api.daemon import Daemon
from webstack.docker.daemon_host import DaemonHost
from webstack.docker.endpoint import EndpointError, tls_files
from webstack.docker.errors import DaemonError, NoAnswerError
from webstack.docker.transports import SshDial, by_socket, by_tcp

SECONDS: Final = 60
_PORT, _TLS_PORT = 2375, 2376
_SCHEMES: Final = ("tcp", "http", "https")


def connect(host: DaemonHost, timeout: float = SECONDS) -> Daemon:
    """Connect to a daemon; each call that says nothing else is limited to ``timeout`` seconds.

    Raises EndpointError where certificates are missing or the address says nothing, and DaemonError
    where nobody answers.
    """
    scheme, _, path = host.address.partition("://")
    if scheme == "unix":
        return Daemon(by_socket(path), timeout)
    return _by_ssh(host.address, timeout) if scheme == "ssh" else _by_tcp(host, timeout)


@cache
def shared(host: DaemonHost, timeout: float = SECONDS) -> Daemon:
    """Give the client that this whole process shares; raises the same as `connect`.

    Threads may use it at the same time. Nobody closes it: its connections end with the process.
    """
    return connect(host, timeout)


def _by_ssh(address: str, timeout: float) -> Daemon:
    dial = SshDial(address)
    try:
        return Daemon(dial, timeout)
    except DaemonError as error:
        reason = dial.problem() or str(error)
        raise NoAnswerError(f"ssh to {address} failed: {reason}") from None


def _by_tcp(host: DaemonHost, timeout: float) -> Daemon:
    try:
        parts = urlsplit(host.address)
        name, port = parts.hostname, parts.port
    except ValueError:
        name = port = None
        parts = urlsplit("")
    if parts.scheme not in _SCHEMES or not name:
        raise EndpointError(
            f"{host.address!r} is no address of a Docker daemon; write "
            "unix:///var/run/docker.sock, ssh://HOST or tcp://HOST:PORT"
        )
    context = None
    if host.material or host.certificates or parts.scheme == "https":
        from webstack.docker import tls_context  # takes its time, and few daemons are reached by it

        if host.material:
            context = tls_context.of_material(host.material)
        elif host.certificates:
            files = tls_files(host.certificates, verified=host.verified)
            context = tls_context.of_files(files)
        else:
            context = tls_context.of_system()
    there = port or (_TLS_PORT if context else _PORT)
    address = f"[{name}]:{there}" if ":" in name else f"{name}:{there}"
    return Daemon(by_tcp(name, there, context), timeout, address, parts.path.rstrip("/"))
