"""The finder of daemons meets daemons that are small servers on unix sockets."""

import os
import socketserver
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from webstack.cli.machine import (
    docker_daemon,
    docker_discovery,
    docker_setup,
    docker_start,
    host_packages,
)
from webstack.cli.machine.docker_ping import Alive, Dead, ping
from webstack.cli.terminal.errors import OpsError
from webstack.docker.endpoint import Endpoint


class Reporter:
    def __init__(self):
        self.said = []

    def announce(self, text):
        self.said.append(text)

    @contextmanager
    def step(self, label):
        self.said.append(label)
        yield None


@pytest.fixture
def engine(tmp_path):
    """Start a daemon that only answers pings, at a path."""
    servers = []

    def start(api="1.41", path=None, status=200):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.send_header("Api-Version", api)
                self.end_headers()

            def log_message(self, *_):
                """Stay quiet."""

            def address_string(self):
                return "unix"

        server = socketserver.ThreadingUnixStreamServer(str(path or tmp_path / "e.sock"), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return Endpoint(f"unix://{server.server_address}", "default socket")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def silent(tmp_path, source="default socket"):
    return Endpoint(f"unix://{tmp_path}/nobody.sock", source)


def test_an_engine_tells_its_api_version(engine):
    assert ping(engine("1.50")) == Alive((1, 50))


def test_nobody_there_is_a_reason_not_an_error(tmp_path):
    answer = ping(silent(tmp_path))
    assert isinstance(answer, Dead)
    assert not answer.forbidden


def test_a_server_error_is_no_engine(engine):
    assert ping(engine(status=503)) == Dead("the answer to a ping was HTTP 503")


def test_an_unknown_scheme_is_named():
    assert ping(Endpoint("npipe://x", "DOCKER_HOST")) == Dead(
        "the scheme npipe:// is not supported"
    )


def test_the_first_engine_that_answers_is_taken(engine, tmp_path):
    rootless = engine()
    assert docker_discovery.find([silent(tmp_path), rootless]) == rootless


def test_an_old_engine_is_refused_with_the_version_it_needs(engine):
    with pytest.raises(OpsError, match=r"speaks API 1\.40, older than 1\.41; upgrade it"):
        docker_discovery.find([engine("1.40")])


def test_a_silent_default_socket_is_passed_over(tmp_path):
    assert docker_discovery.find([silent(tmp_path)]) is None


def test_a_silent_engine_that_was_named_is_an_error(tmp_path):
    """Starting a local engine would not give the user the machine that was named."""
    with pytest.raises(OpsError, match=r"no Docker daemon answers at .*\(DOCKER_HOST\)"):
        docker_discovery.find([silent(tmp_path, "DOCKER_HOST")])


def test_an_engine_of_others_says_how_to_be_let_in(monkeypatch, tmp_path):
    monkeypatch.setattr(docker_discovery, "ping", lambda _: Dead("denied", forbidden=True))
    with pytest.raises(OpsError, match="usermod -aG docker"):
        docker_discovery.find([silent(tmp_path)])


def test_everything_that_follows_uses_the_engine_found(engine, tmp_path):
    endpoint = engine()
    environ = {"DOCKER_HOST": endpoint.url}
    found = docker_daemon.provide_daemon(tmp_path, Reporter(), environ, tmp_path)
    assert found.url == environ["DOCKER_HOST"] == endpoint.url


def test_a_stopped_engine_is_started_and_that_is_said_first(engine, tmp_path, monkeypatch):
    """The daemon is a program that outlives us and answers after a moment."""
    local = Endpoint(f"unix://{tmp_path}/e.sock", "default socket")
    monkeypatch.setattr(
        Endpoint, "is_default", property(lambda self: self.source == "default socket")
    )
    daemon = docker_start.Daemon(systemd=False, log=tmp_path / "logs/dockerd.log")
    monkeypatch.setattr(docker_daemon, "candidates", lambda *_: [local])
    monkeypatch.setattr(docker_start, "find_daemon", lambda _: daemon)
    monkeypatch.setattr(docker_start, "PID_FILES", ())
    monkeypatch.setattr(host_packages, "root_prefix", lambda: ())
    started = []

    def detached(argv, log):
        started.append((argv, log))
        engine()
        return Running()

    monkeypatch.setattr(docker_start, "_detached", detached)
    reporter = Reporter()
    environ = {}
    docker_daemon.provide_daemon(tmp_path, reporter, environ, tmp_path)
    assert started == [(("dockerd",), daemon.log)]
    assert reporter.said[0].startswith("No Docker daemon answers: starting dockerd as root, log in")
    assert environ == {"DOCKER_HOST": local.url}


def test_a_daemon_that_ends_shows_its_last_lines(tmp_path):
    log = tmp_path / "dockerd.log"
    daemon = docker_start.Daemon(systemd=False, log=log)
    failing = ("sh", "-c", "echo first; echo no space left >&2; exit 3")
    with pytest.raises(OpsError, match=r"ended with exit code 3:(.|\n)*no space left"):
        docker_start._wait(lambda: False, docker_start._detached(failing, log).wait, daemon)


def test_without_root_the_command_to_start_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(docker_start, "find_daemon", lambda _: docker_start.Daemon(True, Path("x")))
    monkeypatch.setattr(host_packages, "root_prefix", lambda: None)
    with pytest.raises(OpsError, match="start it as root: systemctl start docker"):
        docker_setup.bring_up([silent(tmp_path)], tmp_path, Reporter())


@pytest.mark.parametrize(("content", "removed"), [("999999999", True), ("not a number", True)])
def test_a_killed_daemons_pid_file_does_not_stop_the_next(tmp_path, monkeypatch, content, removed):
    stale = tmp_path / "docker.pid"
    stale.write_text(content)
    monkeypatch.setattr(docker_start, "PID_FILES", (stale,))
    docker_start._remove_stale_pid_files(())
    assert stale.exists() is not removed


def test_a_daemon_that_nobody_buried_counts_as_dead(tmp_path, monkeypatch):
    """A killed daemon stays as a zombie and keeps its number, if process 1 does not bury it."""
    zombie = subprocess.Popen(["sleep", "60"])
    pid_file = tmp_path / "sleep.pid"
    pid_file.write_text(f"{zombie.pid}\n")
    assert docker_start._program_of(pid_file) == "sleep"
    zombie.kill()
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    assert docker_start._program_of(pid_file) == ""
    zombie.wait()


class Running:
    def poll(self):
        """Give no exit code: the process is still running."""
