"""Daemons elsewhere are reached over ssh, or by a certificate of their own."""

from __future__ import annotations

import json
import ssl
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import certifi
import pytest

from infra.daemon import client
from tests.authority import own_authority
from webstack.docker.client import connect, shared
from webstack.docker.daemon_host import DaemonHost
from webstack.docker.errors import DaemonError

VERSION = {"Version": "99.0", "ApiVersion": "1.41"}

SSH = f"""#!{sys.executable}
import sys

assert sys.argv[-2:] == ["box", "docker system dial-stdio"], sys.argv
body = b'{json.dumps(VERSION)}'
for line in sys.stdin.buffer:
    if line == b"\\r\\n":
        head = b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)
        sys.stdout.buffer.write(head + body)
        sys.stdout.flush()
"""


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program named ssh on PATH; gives a daemon that is reached by it."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@box")
    shared.cache_clear()
    program = tmp_path / "ssh"
    program.touch(0o755)
    return program


def test_a_daemon_behind_ssh_is_reached(ssh: Path):
    ssh.write_text(SSH)
    assert client.connect().version()["Version"] == "99.0"


def test_why_ssh_fails_is_said_in_one_line(ssh: Path):
    ssh.write_text("#!/bin/sh\necho 'Permission denied' >&2; echo '(publickey).' >&2; exit 255\n")
    with pytest.raises(DaemonError, match=r"^ssh to .* failed: Permission denied \(publickey"):
        client.connect()


class Engine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(VERSION).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[str]:
    """Give the address of a daemon whose certificate only the files in the folder vouch for."""
    both = own_authority(tmp_path / "cert.pem")
    for name in ("key.pem", "ca.pem"):
        (tmp_path / name).write_bytes(both.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    with ThreadingHTTPServer(("127.0.0.1", 0), Engine) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_engine_has_its_own_authority(
    encrypted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The authority counts also where the machine names another one for everything else."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    monkeypatch.setenv("DOCKER_HOST", encrypted)
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))
    assert client.connect().version()["Version"] == "99.0"
    assert connect(DaemonHost(encrypted, tmp_path)).version()["Version"] == "99.0"


def test_a_process_has_one_client_of_a_daemon(ssh: Path):
    """Each client would ask the daemon for its version, and over ssh start one more process."""
    ssh.write_text(SSH)
    assert client.connect() is client.connect()
    assert client.connect(timeout=5).timeout == 5
    assert client.connect().timeout == 60
