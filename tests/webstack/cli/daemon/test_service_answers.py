"""Services are asked for their health, as often as needed and by few commands."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import proxy
from proxy import paths
from webstack.cli.daemon import answer_programs, service_answers
from webstack.cli.daemon.service_answers import Question, asked_again, bad_answers, questions
from webstack.contract.health_check import HealthCheck
from webstack.docker.errors import RefusedError

COMMANDS = Path(proxy.__file__).parent / "image" / "commands"


def asked(subject, container="nginx", behind=(), **more):
    words = (subject, "/up", "localhost", "1", "http")
    return Question(subject, container, words, HealthCheck(path="/up"), tuple(behind), **more)


ONE, TWO = asked("shop-0"), asked("shop-1")
THROUGH = asked("shop, through nginx,", "listener", ("shop-0", "shop-1"))


class Daemon:
    """Answers by the prepared status of each subject, one of a list in each round."""

    def __init__(self, *rounds, outputs=()):
        self.rounds, self.outputs = list(rounds), list(outputs)
        self.ran = []

    def exec_create(self, container, command, stderr):
        self.ran.append((container, [words[0] for words in json.loads(command[-1])]))
        return {"Id": str(len(self.ran) - 1)}

    def exec_start(self, job):
        container, subjects = self.ran[int(job)]
        if self.outputs:
            return self.outputs.pop(0)
        number = [name for name, _ in self.ran[: int(job)]].count(container)
        given = self.rounds[min(number, len(self.rounds) - 1)]
        status = [given.get(subject, 200) for subject in subjects]
        return json.dumps([{"status": each, "line": f"HTTP/1.1 {each} X"} for each in status])


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(service_answers, "_PAUSE", 0)


def test_all_that_is_asked_in_one_container_is_one_command():
    daemon = Daemon({})
    assert bad_answers(daemon, [ONE, TWO, THROUGH], tries=3) == {}
    assert sorted(daemon.ran) == [
        ("listener", ["shop, through nginx,"]),
        ("nginx", ["shop-0", "shop-1"]),
    ]


def test_only_what_answered_badly_is_asked_again():
    daemon = Daemon({"shop-1": 503}, {"shop-1": 200})
    assert bad_answers(daemon, [ONE, TWO], tries=3) == {}
    assert daemon.ran == [("nginx", ["shop-0", "shop-1"]), ("nginx", ["shop-1"])]


def test_what_is_told_is_the_last_answer():
    daemon = Daemon({"shop-0": 503}, {"shop-0": 500})
    assert bad_answers(daemon, [ONE], tries=2) == {
        "shop-0": "does not answer as it should: GET /up gave HTTP/1.1 500 X"
    }


def test_a_replica_that_does_not_answer_speaks_for_its_service():
    daemon = Daemon({"shop-1": 503, "shop, through nginx,": 502})
    found = bad_answers(daemon, [ONE, TWO, THROUGH], tries=2)
    assert list(found) == ["shop-1"]


def test_a_service_has_all_its_tries_once_its_replicas_answer():
    bad = {"shop-0": "503", "shop, through nginx,": "502"}
    left = asked_again({THROUGH: 2, ONE: 2}, bad)
    assert left == {ONE: 1, THROUGH: 2}, "it waits, its own tries untouched"
    assert asked_again(left, bad) == {}, "nothing to wait for any more"
    assert asked_again(left, {**bad, "shop-0": ""}) == {THROUGH: 1}


def test_many_questions_are_several_commands():
    many = [asked(f"shop-{number}") for number in range(130)]
    daemon = Daemon({"shop-129": 503})
    assert list(bad_answers(daemon, many, tries=1)) == ["shop-129"]
    assert sorted(len(subjects) for _, subjects in daemon.ran) == [2, 64, 64]


def test_output_that_the_daemon_loses_is_asked_for_again():
    daemon = Daemon({"shop-0": 503}, outputs=[b"", b"[]"])
    assert list(bad_answers(daemon, [ONE], tries=1)) == ["shop-0"]


def test_where_nobody_can_ask_nothing_is_said():
    class Gone(Daemon):
        def exec_create(self, *_, **__):
            raise RefusedError("409 Client Error: container is paused")

    assert bad_answers(Gone({}), [ONE, THROUGH], tries=3) == {}
    assert bad_answers(Daemon(outputs=[b"no such program"] * 3), [ONE], tries=1) == {}


def test_questions_follow_from_the_release():
    release = {
        "proxy": "nginx",
        "holder": "listener",
        "services": {
            "shop": {
                "replicas": [{"container": "shop-0", "socket": "0.sock"}],
                "health": {"path": "/up", "host": "shop.example", "timeout": 9.0, "status": [401]},
            },
            "blog": {"replicas": [{"container": "blog-0", "socket": "1.sock"}], "health": "/ok"},
        },
    }
    shop, through, blog = questions(release, {"shop": "http://a.localhost:8080/shop/"}, 3)
    assert shop.words == (f"{paths.sockets('shop')}/0.sock", "/up", "shop.example", "3", "http")
    assert through.words == (str(paths.PORT), "/shop/up", "a.localhost", "3", "http")
    assert (through.container, through.behind) == ("listener", ("shop-0",))
    assert blog.words[1:3] == ("/ok", "localhost")
    assert [bool(each.judged({"status": 401})) for each in (shop, through, blog)] == [0, 0, 1]
    assert not through.judged({"status": 404}), "another page than its own"
    assert through.judged({"status": 502, "line": "HTTP/1.1 502"})


def test_the_program_beside_nginx_s_port_gives_the_answer_to_each_question():
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(204 if self.headers["Host"] == "shop.localhost" else 404)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = str(server.server_port)
        words = [
            [port, "/", "shop.localhost", "5", "http"],
            [port, "/", "other", "5", "http"],
            ["1", "/", "shop.localhost", "5", "http"],
        ]
        program = answer_programs.THROUGH_NGINX + answer_programs.ALL
        said = subprocess.run(
            [sys.executable, "-IS", "-c", program, json.dumps(words)],
            capture_output=True,
            check=True,
        ).stdout
        server.shutdown()
    well, missing, refused = json.loads(said)
    assert (well["status"], missing["status"]) == (204, 404)
    assert "refused" in refused["problem"]


def test_the_program_beside_sockets_asks_as_the_proxy_s_own_probe_does(tmp_path: Path):
    (tmp_path / "webstack-probe").symlink_to(COMMANDS / "webstack-probe.py")
    path = str(tmp_path / "0.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                seen.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.0 204 No Content\r\n\r\n")

        seen: list[bytes] = []
        threading.Thread(target=serve, daemon=True).start()
        words = [
            [path, "/up", "shop.localhost", "5", "https"],
            [f"{path}.none", "/up", "shop.localhost", "5", "http"],
        ]
        program = answer_programs.ON_SOCKETS + answer_programs.ALL
        said = subprocess.run(
            [sys.executable, "-IS", "-c", program, json.dumps(words)],
            env={"PATH": f"/none:{tmp_path}"},
            capture_output=True,
            check=True,
        ).stdout
    well, missing = json.loads(said)
    assert well["status"] == 204
    assert seen[0].startswith(
        b"GET /up HTTP/1.0\r\nHost: shop.localhost\r\nX-Forwarded-Proto: https"
    )
    assert missing == {"problem": "no socket"}
