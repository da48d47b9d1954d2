import json
import queue
import threading

import pytest

from webstack.cli import main
from webstack.cli.commands import looking
from webstack.cli.daemon.containers import Container
from webstack.cli.daemon.log_reader import LogReader

FLASK = Container(
    "webstack-dev-flask-0-1", "service", "flask", "running", "healthy", "1a", 0, 64 << 20, 256 << 20
)
NGINX = Container("webstack-dev-nginx-2", "proxy", "proxy", "running", "", "", 1)


class FakeApi:
    """The part of the Docker client's API that reading logs needs."""

    def __init__(self):
        self.kept = {}
        self.listed = []
        self.started = queue.Queue()
        self.closed = threading.Event()

    def add(self, service, *lines, listed=True):
        identifier = f"id-{service}-{len(self.kept)}"
        self.kept[identifier] = list(lines)
        labels = {"webstack.service": service, "name": f"webstack-dev-{service}-0"}
        if listed:
            self.listed.append(
                {"Id": identifier, "Names": [f"/{labels['name']}"], "Labels": labels}
            )
        else:
            self.started.put({"Actor": {"ID": identifier, "Attributes": labels}})

    def containers(self, **_):
        return self.listed

    def logs(self, identifier, *, tail="all", stream=False, **_):
        lines = self.kept[identifier]
        lines = lines if tail == "all" else lines[-tail:]
        # A stream comes in whatever pieces the network makes of it.
        text = "".join(f"{line}\n" for line in lines).encode()
        return (text[i : i + 7] for i in range(0, len(text), 7)) if stream else text

    def events(self, **_):
        return iter(self.started.get, None)


class FakeDocker:
    labels = ("webstack.project=webstack", "webstack.stack=dev")

    def __init__(self, *containers):
        self.client = type("Client", (), {"api": FakeApi()})()
        self.api = self.client.api
        self._containers = containers

    def containers(self):
        return list(self._containers)


@pytest.fixture
def run(session, monkeypatch):
    def run(docker, *words):
        monkeypatch.setattr(looking, "open_session", lambda *_: session)
        monkeypatch.setattr(looking, "on_docker", lambda _: docker)
        return main.main(words)

    return run


def test_status_shows_every_container_and_where_its_service_answers(run, capsys):
    assert run(FakeDocker(NGINX, FLASK), "status") == 0
    heading, _, flask = capsys.readouterr().out.splitlines()
    assert heading.split() == list(looking.HEADINGS)
    assert flask.split() == [
        "flask", "webstack-dev-flask-0-1", "running", "healthy", "1a",
        "64", "of", "256", "MiB", "0", "http://localhost:8080/",
    ]  # fmt: skip


def test_status_fails_when_a_container_is_not_well(run, capsys):
    ill = Container("x", "service", "flask", "exited", "", "", 3)
    assert run(FakeDocker(ill), "status", "--json") == 1
    assert json.loads(capsys.readouterr().out)[0]["state"] == "exited"


def test_status_fails_and_says_why_where_a_service_does_not_answer(run, monkeypatch, capsys):
    said = {FLASK.name: "does not answer", "own-worker": "ends again and again"}
    monkeypatch.setattr(looking, "faults", lambda *_, **_limits: said)
    assert run(FakeDocker(NGINX, FLASK), "status") == 1
    out, err = capsys.readouterr()
    assert "failing" in out.splitlines()[2].split()
    assert err == f"error: {FLASK.name} does not answer\nerror: own-worker ends again and again\n"


def test_status_of_nothing_says_what_starts_it(run, capsys):
    assert run(FakeDocker(), "status") == 0
    assert "start it with `webstack up`" in capsys.readouterr().err


def test_logs_are_in_order_of_time_across_containers(run, capsys):
    docker = FakeDocker()
    docker.api.add("flask", "2026-11-21T10:00:01.0Z first", "2026-11-21T10:00:03.0Z third")
    docker.api.add("django", '2026-11-21T10:00:02.0Z {"level": "info", "message": "second"}')
    assert run(docker, "logs") == 0
    shown = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert shown == ["first", "second", "third"]


def test_logs_of_one_service_and_its_last_lines_only(run, capsys):
    docker = FakeDocker()
    docker.api.add("flask", "2026-11-21T10:00:01.0Z old", "2026-11-21T10:00:02.0Z new")
    docker.api.add("django", "2026-11-21T10:00:03.0Z other")
    assert run(docker, "logs", "flask", "-n", "1") == 0
    assert capsys.readouterr().out.split()[-1] == "new"


def test_logs_of_a_service_that_there_is_not_name_those_that_there_are(run, session, capsys):
    docker = FakeDocker()
    docker.api.add("flask", "2026-11-21T10:00:01.0Z x")
    assert run(docker, "logs", "dev", "nosvc") == 1
    assert "error: dev has no service nosvc; there are: " in capsys.readouterr().err


def test_the_first_word_of_logs_may_be_the_stack(run, session, capsys):
    """A stack is what has a settings file; any other word is a service."""
    docker = FakeDocker()
    docker.api.add("flask", "2026-11-21T10:00:01.0Z x")
    assert run(docker, "logs", "dev", "flask", "--json") == 0
    assert json.loads(capsys.readouterr().out)["message"] == "x"


def test_following_goes_on_into_containers_that_start_later():
    docker = FakeDocker()
    docker.api.add("flask", "t1 before")
    lines = LogReader(docker, "webstack", "dev", ["flask"]).follow(10)
    assert next(lines).text == "before"
    docker.api.add("django", "t2 not wanted", listed=False)
    docker.api.add("flask", "t3 after", listed=False)
    assert next(lines).text == "after"
    docker.api.started.put(None)
