"""A daemon is asked as its API wants it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from webstack.docker.api.base import filtered
from webstack.docker.api.daemon import Daemon
from webstack.docker.client import connect
from webstack.docker.daemon_host import DaemonHost
from webstack.docker.endpoint import EndpointError
from webstack.docker.errors import DaemonError, RefusedError


class Asked(BaseHTTPRequestHandler):
    """Keeps what comes, and answers with what the server has for the path."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length)) if length else b""
        path = self.path.partition("?")[0]
        self.server.asked.append((self.command, self.path, body, dict(self.headers)))
        said = json.dumps({"ApiVersion": "1.41"}).encode()
        content = said if path == "/below/version" else self.server.answers.get(path, b"{}")
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - as the server calls them

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Asked) as server:
        server.asked, server.answers = [], {}
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def daemon(server: Any) -> Iterator[Daemon]:
    """Give a daemon below a path, as behind a proxy."""
    made = connect(DaemonHost(f"tcp://127.0.0.1:{server.server_port}/below/"))
    yield made
    made.close()


def test_it_is_called_in_its_own_version_below_its_path(server, daemon):
    daemon.start("a")
    method, path, _, headers = server.asked[-1]
    assert (method, path) == ("POST", "/below/v1.41/containers/a/start")
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"


def test_a_container_is_made_as_it_is_described(server, daemon):
    host = daemon.create_host_config(binds=["a:/b"], pids_limit=3, mem_limit=None, read_only=True)
    daemon.create_container("image", ["true"], name="n", user="0", host_config=host)
    _, path, body, _ = server.asked[-1]
    assert path.endswith("/containers/create?name=n")
    assert json.loads(body) == {
        "Image": "image",
        "Cmd": ["true"],
        "User": "0",
        "NetworkDisabled": False,
        "HostConfig": {"Binds": ["a:/b"], "PidsLimit": 3, "ReadonlyRootfs": True},
    }


def test_what_a_host_cannot_have_is_no_silence(daemon):
    with pytest.raises(KeyError):
        daemon.create_host_config(privileged=True)


def test_what_the_daemon_tells_of_a_path_is_read(server, daemon):
    assert daemon.get_archive("a", "/x")[1] == {}
    assert server.asked[-1][1].endswith("/containers/a/archive?path=%2Fx")


@pytest.mark.parametrize(("tty", "read"), [(False, b"out"), (True, b"\1\0\0\0\0\0\0\3out")])
def test_logs_of_a_terminal_are_as_they_are(server, daemon, tty, read):
    server.answers["/below/v1.41/containers/a/json"] = json.dumps({"Config": {"Tty": tty}}).encode()
    server.answers["/below/v1.41/containers/a/logs"] = b"\1\0\0\0\0\0\0\3out"
    assert daemon.logs("a", tail=1) == read
    assert b"".join(daemon.logs("a", stream=True)) == read


def test_a_filter_has_one_value_or_several():
    assert filtered({"label": "a=b", "status": ["x", "y"]}) == (
        '{"label": ["a=b"], "status": ["x", "y"]}'
    )
    assert filtered({}) is None


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("debian", "fromImage=debian&tag=latest"),
        ("host:5000/debian", "fromImage=host%3A5000%2Fdebian&tag=latest"),
        ("host:5000/debian:13", "fromImage=host%3A5000%2Fdebian&tag=13"),
        ("debian@sha256:1", "fromImage=debian&tag=sha256%3A1"),
    ],
)
def test_an_image_is_pulled_by_its_tag_or_digest(
    server, daemon, monkeypatch, tmp_path, name, parts
):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    list(daemon.pull(name))
    assert server.asked[-1][1].partition("?")[2] == parts
    assert "X-Registry-Auth" not in server.asked[-1][3]


def test_a_registry_gets_the_login_that_the_docker_cli_keeps(server, daemon, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    login = base64.b64encode(b"me:hush").decode()
    kept = {"auths": {"registry.test": {"auth": login}}}
    (tmp_path / "config.json").write_text(json.dumps(kept))
    list(daemon.pull("registry.test/a:1"))
    sent = json.loads(base64.urlsafe_b64decode(server.asked[-1][3]["X-Registry-Auth"]))
    assert (sent["username"], sent["password"]) == ("me", "hush")


def test_a_login_helper_that_fails_is_told(daemon, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "config.json").write_text('{"credsStore": "locked"}')
    helper = tmp_path / "docker-credential-locked"
    helper.touch(0o755)
    helper.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(DaemonError, match="login"):
        list(daemon.pull("registry.test/a:1"))


def test_builds_know_the_proxies_of_the_docker_cli(server, daemon, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    kept = {"proxies": {"default": {"httpProxy": "http://proxy.test"}}}
    (tmp_path / "config.json").write_text(json.dumps(kept))
    list(daemon.build(b"tar", tag="t", target=None, arguments={"A": "b"}))
    _, path, body, headers = server.asked[-1]
    assert "HTTP_PROXY" in path
    assert "target" not in path
    assert (body, headers["Content-Type"]) == (b"tar", "application/x-tar")


def test_an_import_that_fails_is_told(server, daemon):
    server.answers["/below/v1.41/images/create"] = b'{"status": "x"}\n{"error": "no space"}\n'
    with pytest.raises(RefusedError, match="no space"):
        daemon.import_image_from_stream(b"tar", repository="a", tag="1")


@pytest.mark.parametrize(
    "address", ["nonsense", "npipe:////./pipe/x", "tcp://", "tcp://a:b", "://"]
)
def test_an_address_that_says_nothing_is_one_line(address):
    with pytest.raises(EndpointError, match="is no address of a Docker daemon") as caught:
        connect(DaemonHost(address))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kept", ["no certificate", None])
def test_files_that_are_no_certificates_are_one_line(tmp_path: Path, kept: str | None):
    for name in ("ca.pem", "cert.pem", "key.pem"):
        if kept:
            (tmp_path / name).write_text(kept)
    with pytest.raises(EndpointError) as caught:
        connect(DaemonHost("tcp://127.0.0.1:1", tmp_path))
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
