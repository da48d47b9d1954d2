"""The connection to the daemon is chosen, opened, shared by threads, and told when it is lost."""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from webstack.docker.daemon_host import DaemonHost, find_host
from webstack.docker.transports import ssh_command
from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.client.api import (
    DaemonRefusedError,
    DaemonUnreachableError,
    explain,
)
from webstack.engine.providers.docker.client.connection import Connection


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/version"):
            return self._send(200, {"ApiVersion": "1.41"})
        if path.endswith("/cut"):
            self.close_connection = True
            return None
        if path.endswith("/missing"):
            return self._send(404, {"message": "No such\nthing"})
        return self._send(200, {"path": path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/half"):
            return self._send_text(b'{"stream": "a"}\r\n{"str')
        if self.path.endswith("/stream"):
            return self._send_text(b'{"stream": "a"}\r\n{"stream": "b"}\r\n')
        return self._send(200, {"got": json.loads(body or b"null")})

    def do_DELETE(self) -> None:
        self._send_text(b"", 204)

    def _send(self, status: int, content: object) -> None:
        self._send_text(json.dumps(content).encode(), status)

    def _send_text(self, content: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *arguments: object) -> None:
        pass


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


@pytest.fixture
def socket_path(tmp_path):
    path = tmp_path / "docker.sock"
    server = _Server(str(path), _Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield path
    server.shutdown()
    server.server_close()


@pytest.fixture
def connection(socket_path):
    connection = Connection(lambda: DaemonHost(f"unix://{socket_path}"))
    yield connection
    connection.close()


def test_calls_with_the_version_that_both_know(connection):
    assert connection.call("GET", "/info") == {"path": "/v1.41/info"}
    assert connection.call("POST", "/x", body={"a": 1}) == {"got": {"a": 1}}
    assert connection.call("DELETE", "/x") is None
    assert connection.api_version() == (1, 41)
    assert connection.read("/raw") == b'{"path": "/v1.41/raw"}'


def test_streams_what_comes_line_by_line(connection):
    assert list(connection.stream("/stream")) == [{"stream": "a"}, {"stream": "b"}]


def test_a_stream_that_breaks_off_is_one_clear_line(connection):
    with pytest.raises(DaemonUnreachableError, match="broke off"):
        list(connection.stream("/half"))


def test_a_refusal_carries_the_engines_words_in_one_line(connection):
    with pytest.raises(DaemonRefusedError) as error:
        connection.call("GET", "/missing")

    assert (str(error.value), error.value.status) == ("No such thing", 404)


def test_many_threads_share_it(connection):
    """Each thread gets its own answer."""
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: connection.call("GET", f"/n/{n}")["path"], range(200)))

    assert answers == [f"/v1.41/n/{number}" for number in range(200)]


def test_an_engine_that_goes_away_is_one_clear_line(connection, socket_path):
    connection.call("GET", "/info")

    with pytest.raises(DaemonUnreachableError) as error:
        connection.call("GET", "/cut")

    assert str(error.value) == (
        f"the Docker daemon at unix://{socket_path} cannot be reached or went away; "
        "is it running? (`docker info`)"
    )


def test_an_engine_that_is_not_there_is_one_clear_line(tmp_path):
    with pytest.raises(DaemonUnreachableError, match="cannot be reached") as error:
        Connection(lambda: DaemonHost(f"unix://{tmp_path}/nope.sock")).call("GET", "/info")

    assert "\n" not in str(error.value)


def test_it_is_opened_again_after_closing(connection):
    connection.call("GET", "/info")
    connection.close()

    assert connection.call("GET", "/info")


def test_reaches_an_engine_through_ssh(socket_path, tmp_path, monkeypatch):
    """A stand-in for ssh joins standard input and output to the daemon's socket."""
    ssh = tmp_path / "ssh"
    ssh.write_text(
        f"#!{sys.executable}\n"
        "import os, select, socket, sys\n"
        "daemon = socket.socket(socket.AF_UNIX)\n"
        f"daemon.connect({str(socket_path)!r})\n"
        f"open({str(tmp_path / 'used')!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n"
        "while True:\n"
        "    ready, _, _ = select.select([0, daemon], [], [])\n"
        "    data = os.read(0, 65536) if 0 in ready else daemon.recv(65536)\n"
        "    if not data: break\n"
        "    daemon.sendall(data) if 0 in ready else os.write(1, data)\n"
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    connection = Connection(lambda: DaemonHost("ssh://me@box:2222"))

    answers = [connection.call("GET", f"/{number}") for number in range(5)]
    connection.close()

    assert answers[-1] == {"path": "/v1.41/4"}
    used = (tmp_path / "used").read_text().splitlines()
    assert len(used) == 1, "one connection serves many calls"
    assert used[0].endswith("-l me -p 2222 -- box docker system dial-stdio")


def test_a_certificate_that_is_not_there_is_named(tmp_path):
    (tmp_path / "ca.pem").touch()
    (tmp_path / "cert.pem").touch()
    connection = Connection(lambda: DaemonHost("tcp://box:2376", tmp_path))

    with pytest.raises(ProviderError, match=f"{tmp_path}/key.pem is missing: certPath"):
        connection.api_version()


def test_ssh_never_asks():
    assert "BatchMode=yes" in ssh_command("ssh://box")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Give a home without any Docker settings."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_providers_own_settings_go_first(home):
    environ = {"DOCKER_HOST": "tcp://environment:1"}

    assert find_host({"host": "ssh://box"}, environ) == DaemonHost("ssh://box")
    assert find_host({}, environ) == DaemonHost("tcp://environment:1")
    assert find_host({"host": "tcp://box:2376", "certPath": "/certs"}, {}) == DaemonHost(
        "tcp://box:2376", Path("/certs")
    )


def test_the_docker_clis_context_is_followed(home):
    """The current context counts, or the named one; a process of its own keeps the SDK out."""
    name = "b0a1c7d6e4f3"
    meta = home / ".docker" / "contexts" / "meta" / name
    meta.mkdir(parents=True)
    code = (
        "import hashlib, json, os, pathlib, sys\n"
        "from webstack.docker.daemon_host import find_host\n"
        "home = pathlib.Path(os.environ['HOME'])\n"
        "folder = home / '.docker/contexts/meta' / hashlib.sha256(b'box').hexdigest()\n"
        "folder.mkdir(parents=True)\n"
        "meta = {'Name': 'box', 'Metadata': {}, 'Endpoints': {'docker': {'Host': 'ssh://box'}}}\n"
        "(folder / 'meta.json').write_text(json.dumps(meta))\n"
        "(home / '.docker/config.json').write_text(json.dumps({'currentContext': 'box'}))\n"
        "print(find_host({}, {}).address, find_host({'context': 'box'}, {}).address,\n"
        "      find_host({}, {'DOCKER_CONTEXT': 'box'}).address)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path.cwd())}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["ssh://box"] * 3


def test_a_context_that_is_not_there_is_named(home):
    with pytest.raises(ProviderError, match='no Docker context "nope"'):
        Connection(lambda: find_host({"context": "nope"}, {})).api_version()


def test_a_full_disk_is_explained():
    assert explain("write x: no space left on device").startswith("no disk space left")
    assert explain("code 1", "head: No space left on device").startswith("no disk space left")
    assert explain("any\nother  thing") == "any other thing"


def test_a_network_that_is_gone_can_be_made_again():
    assert "webstack up --refresh" in explain("network shop-dev-edge not found")
