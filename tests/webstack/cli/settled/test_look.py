"""A stack is said to be as it was and well, or nothing is said of it."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.webstack.cli.settled.stub_daemon import LABELS, StubDaemon, container, stub_daemon
from webstack.cli.settled import look
from webstack.cli.settled.look import Asked, Page

OTHERS = {"webstack.project": "shop", "webstack.stack": "staging"}
WELL = [[200, 299]]


class Site(HTTPServer):
    """A server in place of nginx, as a browser sees it."""

    status = 200
    requests: list[tuple[str, str]]

    class Handler(BaseHTTPRequestHandler):
        server: Site

        def do_GET(self) -> None:
            self.server.requests.append((self.path, self.headers["Host"]))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(("127.0.0.1", 0), Site.Handler) as server:
        server.requests = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def daemon(tmp_path: Path, site: Site) -> Iterator[StubDaemon]:
    with stub_daemon(tmp_path) as daemon:
        port = {"IP": "0.0.0.0", "PrivatePort": 8080, "PublicPort": site.server_port}
        daemon.containers = [
            container("nginx"),
            container("holder", Ports=[{"PrivatePort": 9, "Type": "tcp"}, port]),
            container("web", Status="Up About a minute (health: starting)"),
            container("worker", Status="Up 3 weeks"),
            container("strange", Labels=OTHERS, State="exited", Status="Exited (1) 2 days ago"),
        ]
        daemon.volumes = [
            {"Name": "dev-data", "CreatedAt": "2026", "Labels": LABELS, "Options": None},
            {"Name": "staging-data", "CreatedAt": "2026", "Labels": OTHERS},
        ]
        daemon.networks = [{"Id": "n1", "Name": "edge", "Labels": LABELS}]
        daemon.images = [{"Id": "sha256:1", "RepoTags": ["shop/web:1", "shop/web:old"]}]
        daemon.said = said(200)
        yield daemon


@pytest.fixture
def asked(daemon: StubDaemon) -> Asked:
    return Asked(
        socket=daemon.path,
        labels=[f"{name}={value}" for name, value in LABELS.items()],
        containers=["holder", "nginx", "web", "worker"],
        answering=["holder", "nginx", "web"],
        volumes=["dev-data"],
        networks=["n1"],
        images=["shop/web:1"],
        proxy="nginx",
        sockets=[(["/run/web.sock", "/healthz", "localhost", "5", "http"], WELL)],
        pages=(Page("holder", 8080, "/shop/healthz", "shop.localhost", 5.0, WELL),),
    )


def said(status: int | None, seen: str = "digest") -> bytes:
    return f"{seen}\n{json.dumps([{'status': status}] if status else [None])}\n".encode()


def test_it_is_the_same_each_time(daemon: StubDaemon, asked: Asked, site: Site):
    first = look.seen(asked)
    assert first
    assert look.seen(asked) == first
    assert site.requests == [("/shop/healthz", "shop.localhost")] * 2


def test_what_belongs_to_others_may_change(daemon: StubDaemon, asked: Asked):
    first = look.seen(asked)
    daemon.containers.pop()
    daemon.volumes.pop()
    daemon.images.append({"Id": "sha256:9", "RepoTags": ["other:1"]})
    daemon.images.append({"Id": "sha256:8", "RepoTags": None})
    assert look.seen(asked) == first


def test_a_service_whose_page_is_another_is_reached(asked: Asked, site: Site):
    site.status = 404
    assert look.seen(asked)


def of(daemon: StubDaemon, name: str) -> dict[str, object]:
    return next(each for each in daemon.containers if each["Id"] == name)


NOT_WELL: dict[str, Callable[[StubDaemon], object]] = {
    "stopped": lambda d: of(d, "web").update(State="exited", Status="Exited (0) 2 hours ago"),
    "starting again": lambda d: of(d, "web").update(State="restarting"),
    "paused": lambda d: of(d, "web").update(State="paused", Status="Up 2 hours (Paused)"),
    "unhealthy": lambda d: of(d, "worker").update(Status="Up 2 hours (unhealthy)"),
    "starting, and nobody asks": lambda d: of(d, "worker").update(
        Status="Up 2 hours (health: starting)"
    ),
    "made anew": lambda d: of(d, "web").update(Id="another"),
    "gone": lambda d: d.containers.remove(of(d, "web")),
    "one more": lambda d: d.containers.append(container("run-by-hand")),
    "just started": lambda d: of(d, "web").update(Status="Up 2 seconds"),
    "just started, less": lambda d: of(d, "web").update(Status="Up Less than a second"),
    "silent on its socket": lambda d: setattr(d, "said", said(None)),
    "failing on its socket": lambda d: setattr(d, "said", said(500)),
    "nginx cannot ask": lambda d: setattr(d, "said", b""),
    "no port published": lambda d: of(d, "holder").update(Ports=[]),
}


@pytest.mark.parametrize("fault", NOT_WELL)
def test_nothing_is_said_where_something_is_not_well(daemon: StubDaemon, asked: Asked, fault: str):
    assert look.seen(asked)
    NOT_WELL[fault](daemon)
    assert look.seen(asked) is None


def test_one_that_answers_goes_before_the_daemon_s_verdict(daemon: StubDaemon, asked: Asked):
    first = look.seen(asked)
    of(daemon, "web")["Status"] = "Up 2 hours (unhealthy)"
    assert look.seen(asked) == first


def test_nothing_is_said_where_nginx_answers_no_more(asked: Asked, site: Site):
    site.status = 503
    assert look.seen(asked) is None


@pytest.mark.parametrize(("restarts", "well"), [(0, True), (1, False)])
def test_one_that_was_started_lately_must_not_have_ended(
    daemon: StubDaemon, asked: Asked, restarts: int, well: bool
):
    of(daemon, "web")["Status"] = "Up 30 seconds (health: starting)"
    daemon.restarts = restarts
    assert bool(look.seen(asked)) == well


OTHERWISE: dict[str, Callable[[StubDaemon], object]] = {
    "a volume removed": lambda d: d.volumes.pop(0),
    "a volume made anew": lambda d: d.volumes[0].update(CreatedAt="2027"),
    "a claim on a volume": lambda d: d.volumes.append({"Name": "dev-data.adopted", "Labels": {}}),
    "a network removed": lambda d: d.networks.clear(),
    "a network made anew": lambda d: d.networks[0].update(Id="n2"),
    "an image removed": lambda d: d.images.clear(),
    "another image of this name": lambda d: d.images[0].update(Id="sha256:2"),
    "links, files or the configuration of nginx": lambda d: setattr(d, "said", said(200, "other")),
}


@pytest.mark.parametrize("change", OTHERWISE)
def test_another_stack_is_noticed(daemon: StubDaemon, asked: Asked, change: str):
    first = look.seen(asked)
    OTHERWISE[change](daemon)
    assert look.seen(asked) not in (first, None)


def test_nothing_is_said_where_no_daemon_answers(asked: Asked, tmp_path: Path):
    assert look.seen(asked._replace(socket=str(tmp_path / "none.sock"))) is None


def test_an_answer_that_is_no_answer_is_none(asked: Asked, tmp_path: Path):
    class Deaf(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(b"HTTP/1.0 500 Internal Server Error\r\n\r\n{}")

    path = str(tmp_path / "deaf.sock")
    with socketserver.UnixStreamServer(path, Deaf) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        assert look.seen(asked._replace(socket=path)) is None
        server.shutdown()
