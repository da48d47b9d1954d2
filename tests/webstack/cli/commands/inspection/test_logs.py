import json
import queue
import threading

import pytest

from webstack.cli.daemon.log_reader import LogReader


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
def logs(run):
    """Print the logs that a daemon keeps."""

    def logs(docker, *words):
        run.docker = docker
        return run("logs", *words)

    return logs


def test_logs_are_in_order_of_time_across_containers(logs, capsys):
    docker = FakeDocker()
    docker.api.add("flask", "2026-11-21T10:00:01.0Z first", "2026-11-21T10:00:03.0Z third")
    docker.api.add("django", '2026-11-21T10:00:02.0Z {"level": "info", "message": "second"}')
    assert logs(docker) == 0
    shown = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert shown == ["first", "second", "third"]


def test_logs_of_one_service_and_its_last_lines_only(logs, capsys):
    docker = FakeDocker()
    docker.api.add("flask", "2026-11-21T10:00:01.0Z old", "2026-11-21T10:00:02.0Z new")
    docker.api.add("django", "2026-11-21T10:00:03.0Z other")
    assert logs(docker, "flask", "-n", "1") == 0
    assert capsys.readouterr().out.split()[-1] == "new"


def test_logs_of_a_service_that_there_is_not_name_those_that_there_are(logs, capsys):
    docker = FakeDocker()
    docker.api.add("flask", "2026-11-21T10:00:01.0Z x")
    assert logs(docker, "dev", "nosvc") == 1
    assert "error: dev has no service nosvc; there are: " in capsys.readouterr().err


def test_the_first_word_of_logs_may_be_the_stack(logs, capsys):
    """A word with a settings file is a stack; any other word is a service."""
    docker = FakeDocker()
    docker.api.add("flask", "2026-11-21T10:00:01.0Z x")
    assert logs(docker, "dev", "flask", "--json") == 0
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
