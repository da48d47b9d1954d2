import json

import pytest

from webstack.cli.commands.inspection import status
from webstack.cli.daemon.containers import Container
from webstack.cli.daemon.data.tasks import Tasks
from webstack.cli.daemon.jobs import Job


class FakeDocker:
    """A daemon that has some containers of the stack."""

    def __init__(self, containers):
        self.containers = lambda: list(containers)
        self.api = self
        self.said: dict[str, bytes] = {}
        self.folders: dict[str, str] = {}

    def inspect_container(self, _name):
        return {"HostConfig": {"Tmpfs": self.folders}}

    def exec_inspect(self, _job):
        return {"ExitCode": 0}

    def exec_create(self, name, command, **_):
        return {"Id": command[-1]}

    def exec_start(self, file):
        return self.said[file]


FLASK = Container(
    "webstack-dev-flask-0-1", "service", "flask", "running", "healthy", "1a", 0, 64 << 20, 256 << 20
)
NGINX = Container("webstack-dev-nginx-2", "proxy", "proxy", "running", "", "", 1)


@pytest.fixture
def status_of(run):
    """Show the status of some containers."""

    def status_of(*containers, words=(), said=None, folders=None):
        run.docker = FakeDocker(containers)
        run.docker.said, run.docker.folders = said or {}, folders or {}
        return run("status", *words)

    return status_of


def test_status_shows_every_container_and_where_its_service_answers(status_of, capsys):
    assert status_of(NGINX, FLASK) == 0
    heading, _, flask = capsys.readouterr().out.splitlines()
    assert heading.split() == list(status.HEADINGS)
    assert flask.split() == [
        "flask", "webstack-dev-flask-0-1", "running", "healthy", "1a",
        "64", "of", "256", "MiB", "0", "http://localhost:8080/",
    ]  # fmt: skip


def test_status_fails_when_a_container_is_not_well(status_of, capsys):
    ill = Container("x", "service", "flask", "exited", "", "", 3)
    assert status_of(ill, words=["--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["state"] == "exited"


def test_status_fails_and_says_why_where_a_service_does_not_answer(run, status_of, capsys):
    run.faults = {FLASK.name: "does not answer", "own-worker": "ends again and again"}
    assert status_of(NGINX, FLASK) == 1
    out, err = capsys.readouterr()
    assert "failing" in out.splitlines()[2].split()
    assert err == f"error: {FLASK.name} does not answer\nerror: own-worker ends again and again\n"


KEEPER = Container("webstack-dev-certificates", "certificates", "", "running", "", "", 0)


def test_status_tells_of_the_certificate_and_of_answers_from_memory(status_of, capsys):
    certificate = b'{"issued": false, "error": "the directory is away"}'
    said = {
        "/run/webstack/certificates/status.json": certificate,
        "2000": b'1:1 {"service":"flask","cache":"HIT"}\n1:2 {"service":"flask","cache":"MISS"}',
    }
    folders = {"/run/nginx/cache-flask": ""}
    assert status_of(NGINX, KEEPER, said=said, folders=folders) == 1
    out, err = capsys.readouterr()
    assert "cache: flask: 50 % of the last 2 requests were answered from memory" in out
    assert "certificate: none is issued yet: the directory is away; a temporary" in out
    assert err == f"error: {KEEPER.name} has no certificate: the directory is away\n"


def test_status_of_nothing_says_what_starts_it(status_of, capsys):
    assert status_of() == 0
    assert "start it with `webstack up`" in capsys.readouterr().err


CRON = Container("webstack-dev-shop-cron-0", "background", "shop-cron", "running", "", "", 0)
BROKER = Container(
    "webstack-dev-valkey-broker", "valkey-broker", "valkey-broker", "running", "", "", 0
)


@pytest.fixture
def worked(status_of, monkeypatch):
    """Give the jobs and tasks that the containers tell of."""
    jobs = {CRON.name: {"nightly": Job(schedule="@daily", runs=2)}}
    monkeypatch.setattr(status, "jobs_of", lambda *_: jobs)
    monkeypatch.setattr(status, "tasks_of", lambda *_: Tasks({"mails": 4}, running=1, failed=2))
    return status_of


def test_jobs_and_tasks_are_shown_below_the_containers(worked, capsys):
    assert worked(CRON, BROKER) == 0
    shown = capsys.readouterr().out
    assert "nightly" in shown
    assert "mails  4\n1 tasks are worked on; 2 have failed within a day." in shown


def test_jobs_and_tasks_are_told_to_programs(worked, capsys):
    assert worked(CRON, BROKER, words=["--json"]) == 0
    cron, broker = json.loads(capsys.readouterr().out)
    assert cron["jobs"]["nightly"]["runs"] == 2
    assert broker["tasks"]["queues"] == {"mails": 4}
