import json

from tests.webstack.cli.commands.inspection.test_status import FLASK, NGINX, FakeDocker
from tests.webstack.cli.daemon.looks.test_usage import STATS
from webstack.cli.commands.inspection import stats
from webstack.cli.daemon.containers import Container

STOPPED = Container("webstack-dev-flask-0-0", "service", "flask", "exited", "", "0a", 0)


class Daemon:
    """A daemon that measures every container alike."""

    def __init__(self):
        self.asked = []

    def stats(self, name, stream):
        self.asked.append(name)
        return STATS


def with_daemon(run, *containers):
    run.docker = FakeDocker(containers)
    run.docker.api = Daemon()
    return run.docker.api


def test_use_is_shown_once_without_a_terminal_by_service_and_release(run, capsys):
    daemon = with_daemon(run, NGINX, FLASK, STOPPED)
    assert run("stats") == 0
    heading, _, flask, stopped = capsys.readouterr().out.splitlines()
    assert heading.split() == list(stats.HEADINGS)
    assert flask.split() == [
        "flask", "1a", FLASK.name, "40.0", "%", "0.0", "MiB", "(0%", "of", "256", "MiB)",
        "0.0", "KiB", "0.0", "KiB", "3",
    ]  # fmt: skip
    assert stopped.split() == ["flask", "0a", STOPPED.name, "exited"]
    assert sorted(daemon.asked) == sorted([NGINX.name, FLASK.name])


def test_json_has_plain_numbers(run, capsys):
    with_daemon(run, FLASK, STOPPED)
    assert run("stats", "--json") == 0
    flask, stopped = json.loads(capsys.readouterr().out)
    assert flask["cpu"] == 40.0
    assert (flask["memory"], flask["received"], flask["sent"]) == (70, 6, 9)
    assert stopped == {
        "service": "flask", "release": "0a", "container": STOPPED.name, "state": "exited",
    }  # fmt: skip


def test_nothing_that_runs_is_told(run, capsys):
    with_daemon(run)
    assert run("stats") == 0
    assert "start it with `webstack up`" in capsys.readouterr().err
