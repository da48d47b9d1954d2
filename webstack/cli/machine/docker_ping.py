"""Asks an endpoint whether a Docker daemon answers there, with the standard library only."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from webstack.cli.machine.shell import CommandError, run
from webstack.docker.endpoint import Endpoint, tls_files

LOCAL_SECONDS = 3.0
REMOTE_SECONDS = 8.0


@dataclass(frozen=True)
class Alive:
    """Says that a daemon answers, and speaks this version of the API."""

    api: tuple[int, int]


@dataclass(frozen=True)
class Dead:
    """Nobody answers; ``forbidden`` when somebody would, but not to this user."""

    reason: str
    forbidden: bool = False


def ping(endpoint: Endpoint) -> Alive | Dead:
    """Ask for the API version; never raises."""
    parts = urlsplit(endpoint.url)
    try:
        if parts.scheme == "unix":
            version = _version(_UnixConnection(parts.path))
        elif parts.scheme in ("tcp", "http", "https"):
            version = _version(_tcp(endpoint, parts.hostname or "", parts.port))
        elif parts.scheme == "ssh":
            version = _over_ssh(endpoint.url)
        else:
            return Dead(f"the scheme {parts.scheme or 'missing'}:// is not supported")
        major, _, minor = version.partition(".")
        return Alive((int(major), int(minor)))
    except PermissionError as error:
        return Dead(str(error), forbidden=True)
    except (OSError, http.client.HTTPException, ValueError, CommandError) as error:
        return Dead(str(error) or type(error).__name__)


def _version(connection: http.client.HTTPConnection) -> str:
    try:
        connection.request("GET", "/_ping")
        answer = connection.getresponse()
        if answer.status != 200:
            raise ValueError(f"the answer to a ping was HTTP {answer.status}")
        return answer.getheader("Api-Version", "0.0")
    finally:
        connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=LOCAL_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(LOCAL_SECONDS)
        self.sock.connect(self._path)


def _tcp(endpoint: Endpoint, host: str, port: int | None) -> http.client.HTTPConnection:
    if not endpoint.certificates:
        return http.client.HTTPConnection(host, port or 2375, timeout=REMOTE_SECONDS)
    context = _tls(endpoint.certificates, verified=endpoint.verified)
    return http.client.HTTPSConnection(host, port or 2376, timeout=REMOTE_SECONDS, context=context)


def _tls(folder: Path, *, verified: bool) -> ssl.SSLContext:
    files = tls_files(folder, verified=verified)
    context = ssl.create_default_context(cafile=files.authority)
    if not verified:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if files.client:
        context.load_cert_chain(*files.client)
    return context


def _over_ssh(url: str) -> str:
    target = urlsplit(url)
    host = f"{target.username}@{target.hostname}" if target.username else str(target.hostname)
    port = ["-p", str(target.port)] if target.port else []
    question = "docker version --format '{{.Server.APIVersion}}'"
    argv = ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", *port, "--", host, question]
    return run(argv, timeout=REMOTE_SECONDS * 2).strip()
