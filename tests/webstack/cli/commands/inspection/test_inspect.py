import json

from tests.webstack.cli.commands.inspection.test_status import FLASK, NGINX, FakeDocker
from tests.webstack.cli.daemon.looks.test_description import FOUND
from webstack.cli.commands.inspection import inspect
from webstack.cli.state.stack_state import RELEASE, STACK

FLASK_FOUND = {**FOUND, "Image": "sha256:" + "a" * 64}
FLASK_FOUND["Config"] = {**FOUND["Config"], "Image": "webstack/flask:1"}
RELEASED = {
    "history": [
        {
            "number": 4,
            "time": "2026-11-21T12:00:00+00:00",
            "commit": "0123456789abcdef",
            "clean": True,
            "rollback_of": None,
            "first": 4,
            "images": {},
        }
    ],
    "services": {
        "flask": {
            "replicas": [],
            "start_timeout": 60.0,
            "health": {"path": "/up", "host": "localhost", "timeout": 5.0, "status": ["200-299"]},
        }
    },
    "roles": {"flask-worker": {"health": 5.0}, "flask-beat": {"health": ["ask", "it"]}},
}


class Daemon:
    def inspect_container(self, name):
        assert name == FLASK.name
        return FLASK_FOUND


def shown(run, session, *words, now="sha256:" + "a" * 64):
    resources = [
        {"type": STACK, "urn": "x::stack", "outputs": {
            "services": {"flask": {"url": "http://localhost:8080/"}}}},
        {"type": RELEASE, "urn": "x::release", "outputs": RELEASED},
    ]  # fmt: skip
    session.records.deployment = json.dumps({"deployment": {"resources": resources}})
    run.docker = FakeDocker([NGINX, FLASK])
    run.docker.api = Daemon()
    run.docker.image_id = lambda _: now
    return run("inspect", *words)


def test_a_service_is_told_in_words(run, session, capsys):
    assert shown(run, session, "flask") == 0
    out = capsys.readouterr().out
    lines = [line.split(maxsplit=1) for line in out.splitlines()[1:]]
    told = {line[0]: line[1] for line in lines if len(line) > 1}
    assert out.startswith("flask of dev\n")
    assert told["runs"].startswith("webstack-dev-flask-0-1: running, healthy")
    assert told["from"] == "webstack/flask:1 (aaaaaaaaaaaa)"
    assert told["release"] == "1a; release 4 of the stack of 0123456789ab"
    assert told["route"] == "http://localhost:8080/"
    assert told["health"] == (
        "by releases: GET /up of localhost, answered by 200-299 within 5 s, 60 s after the start"
    )
    assert "hush" not in out


def test_an_image_that_was_overwritten_since_is_told(run, session, capsys):
    assert shown(run, session, "flask", "--json", now="sha256:" + "b" * 64) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["from"] == ["webstack/flask:1 (aaaaaaaaaaaa; that name means another image by now)"]


def test_a_name_that_runs_nothing_is_told_with_those_there_are(run, session, capsys):
    assert shown(run, session, "shop") == 1
    assert "dev runs no shop" in (said := capsys.readouterr().err)
    assert "there are: flask, proxy" in said


def test_roles_are_asked_by_time_or_by_a_command():
    assert inspect._asked(RELEASED, "flask-worker") == ["by releases: it has to run for 5 s"]
    assert inspect._asked(RELEASED, "flask-beat") == ["by releases: ask it succeeds"]
    assert inspect._asked(RELEASED, "proxy") == []
