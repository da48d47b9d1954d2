"""Containers and services that do not do their work are told."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from webstack.cli.daemon import service_answers, wellness
from webstack.cli.daemon.wellness import Wellness, fault
from webstack.cli.state.stack_state import CONTAINER, RELEASE, STACK, StackState
from webstack.docker.errors import NotFoundError

LONG = 3600.0


def inspected(status="running", restarts=0, code=0, health=None, **state):
    began = datetime.now(timezone.utc).isoformat()
    known = {"Status": status, "ExitCode": code, "StartedAt": "2026-01-01T00:00:00Z", **state}
    if state.get("StartedAt") == "now":
        known["StartedAt"] = began
    if health:
        known["Health"] = {"Status": health}
    return {"State": known, "RestartCount": restarts}


@pytest.mark.parametrize(
    ("found", "ran", "words"),
    [
        (inspected(), LONG, ""),
        (inspected(health="healthy"), LONG, ""),
        (inspected(health="starting"), 1, ""),
        (inspected(health="unhealthy"), LONG, "is unhealthy"),
        (inspected("restarting", 12, 3), 0, "again and again (12 times, exit code 3)"),
        (inspected(restarts=4), 2, "was restarted 4 times, the last time 2 s ago"),
        (inspected(restarts=4), LONG, ""),
        (inspected("exited", code=1), 0, "has ended (exit code 1)"),
        (inspected("exited", code=137, OOMKilled=True), 0, "(exit code 137, out of memory)"),
        (inspected("exited"), 0, "has ended (exit code 0)"),
        (inspected("created"), 0, "never ran"),
        (inspected("paused"), 0, "is paused"),
    ],
)
def test_what_is_wrong_with_a_container(found, ran, words):
    said = fault(found, ran)
    assert bool(said) == bool(words)
    assert words in said


@pytest.mark.parametrize(("code", "wrong"), [(0, False), (1, True)])
def test_one_that_is_not_meant_to_run_on_may_end_well(code, wrong):
    assert bool(fault(inspected("exited", code=code), 0, runs_on=False)) == wrong


class Engine:
    """Containers by name, and the output of the commands that run in them."""

    def __init__(self, containers, answers=()):
        self.containers = containers
        self.answers = dict(answers)
        self.ran = []

    def inspect_container(self, name):
        if name not in self.containers:
            raise NotFoundError(name)
        return self.containers[name]

    def exec_create(self, name, command, stderr):
        asked = json.loads(command[-1])
        self.ran.append((name, asked))
        return {"Id": json.dumps([name, len(asked)])}

    def exec_start(self, job):
        name, count = json.loads(job)
        return json.dumps([self.answers.get(name, {"status": 200})] * count).encode()


def state(*containers, services=None, **more):
    resources = [
        {"type": CONTAINER, "urn": name, "inputs": {"name": name, **more}} for name in containers
    ]
    if services:
        named = {name: {"url": f"http://shop.localhost:8080/{name}/"} for name in services}
        outputs = {"proxy": "nginx", "holder": "holder", "services": services}
        resources += [
            {"type": STACK, "urn": "s", "inputs": {}, "outputs": {"services": named}},
            {"type": RELEASE, "urn": "r", "inputs": {}, "outputs": outputs},
        ]
    return StackState(json.dumps({"deployment": {"resources": resources}}))


REPLICA = {"container": "shop-0", "socket": "3f9c2a71-0.41234.sock"}
SHOP = {"shop": {"replicas": [REPLICA], "health": {"path": "/up", "timeout": 9}}}
WELL = {name: inspected() for name in ("shop-0", "nginx", "holder", "worker")}


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(service_answers, "_PAUSE", 0)


def test_all_is_well_where_all_run_and_answer():
    engine = Engine(WELL)
    assert Wellness(engine, state(*WELL, services=SHOP), 1, 2).faults() == {}
    socket = "/run/webstack/sockets/shop/3f9c2a71-0.41234.sock"
    assert sorted(engine.ran) == [
        ("holder", [["8080", "/shop/up", "shop.localhost", "2", "http"]]),
        ("nginx", [[socket, "/up", "localhost", "2", "http"]]),
    ]


@pytest.mark.parametrize("name", ["nginx", "holder", "shop-0", "shop-0-relay"])
def test_late_tries_of_a_health_check_count_for_nothing_where_the_answers_are_good(name):
    pids = {"shop-0": 64, "shop-0-relay": 32}
    services = {"shop": {**SHOP["shop"], "replicas": [{**REPLICA, "pids": pids}]}}
    containers = {**WELL, "shop-0-relay": inspected(), name: inspected(health="unhealthy")}
    engine = Engine(containers)
    assert Wellness(engine, state(*containers, services=services)).faults() == {}


def test_a_container_of_the_user_s_own_is_looked_at_too():
    engine = Engine({**WELL, "worker": inspected("restarting", 5, 1)})
    found = Wellness(engine, state(*WELL, services=SHOP)).faults()
    assert found == {"worker": "ends and is restarted again and again (5 times, exit code 1)"}


def test_one_that_nobody_asks_has_to_run_for_a_moment():
    class Ending(Engine):
        def inspect_container(self, name):
            self.ran.append(name)
            if len(self.ran) == 1:
                return inspected(StartedAt="now")
            return inspected("restarting", 1, 1)

    engine = Ending({})
    found = Wellness(engine, state("worker"), settled=1.5).faults()
    assert list(found) == ["worker"]


@pytest.mark.parametrize(
    ("check", "seconds"),
    [
        ({}, 180),
        ({"Interval": 2e9, "Timeout": 1e9, "Retries": 4, "StartPeriod": 60e9}, 72),
        ({"Interval": 0, "Timeout": 0, "Retries": 0, "StartPeriod": 5e9}, 185),
    ],
)
def test_how_long_a_health_check_may_take_is_read_of_the_container(check, seconds):
    assert wellness.longest_start({"Config": {"Healthcheck": check}}) == seconds


class Starting(Engine):
    """One worker whose health check gives a prepared state at each look."""

    def __init__(self, looks, health, ago=100):
        super().__init__({})
        self.looks, self.health = looks, health
        self.began = datetime.now(timezone.utc) - timedelta(seconds=ago)

    def inspect_container(self, name):
        self.ran.append(name)
        health = self.health if len(self.ran) >= self.looks else "starting"
        return inspected(health=health, StartedAt=self.began.isoformat())


@pytest.mark.parametrize(("health", "words"), [("healthy", []), ("unhealthy", ["is unhealthy"])])
def test_a_container_of_the_user_s_own_is_waited_for_while_it_starts(monkeypatch, health, words):
    monkeypatch.setattr(wellness, "_LOOK_AGAIN", 0)
    engine = Starting(5, health)
    found = Wellness(engine, state("worker"), patience=60).faults()
    assert [said.split(" by")[0] for said in found.values()] == words
    assert len(engine.ran) == 5


def test_one_that_does_not_get_beyond_its_start_is_told_in_time(monkeypatch):
    monkeypatch.setattr(wellness, "_LOOK_AGAIN", 0)
    found = Wellness(Starting(10**9, "healthy"), state("worker"), patience=0.05).faults()
    assert found["worker"].startswith("is still starting by its own health check after 10")
    long_ago = Starting(10**9, "healthy", ago=1000)
    assert Wellness(long_ago, state("worker"), patience=60).faults()
    assert len(long_ago.ran) == 1, "the time that its check has is over"


def test_status_does_not_wait_for_one_that_starts():
    engine = Starting(10**9, "healthy")
    assert Wellness(engine, state("worker"), patience=0).faults() == {}
    assert len(engine.ran) == 1


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({}, ""),
        ({"health": "starting", "StartedAt": "now"}, ""),
        ({"status": "exited"}, "has ended (exit code 0)"),
        ({"restarts": 3, "StartedAt": "now"}, "was restarted 3 times"),
    ],
)
def test_a_role_has_to_run_on_and_is_not_waited_for(how, words):
    """The daemon knows no better: the release starts a role, as the daemon was told."""
    known = state("shop-worker-0", services=SHOP, mustRun=False)
    known.release()["roles"] = {"shop-worker": {"containers": {"shop-worker-0": 128}}}
    engine = Engine({**WELL, "shop-worker-0": inspected(**how)})
    said = Wellness(engine, known, 1, 2, settled=60, patience=60).faults()
    assert (said.get("shop-worker-0") or "").startswith(words)
    assert bool(said) == bool(words)


def test_a_container_that_is_gone_is_told():
    assert Wellness(Engine({}), state("worker")).faults() == {"worker": "is gone"}
    assert Wellness(Engine({}), state("job", mustRun=False)).faults() == {}


def test_a_service_that_does_not_answer_is_told_after_some_tries():
    engine = Engine(WELL, {"nginx": {"problem": "timed out"}})
    found = Wellness(engine, state(*WELL, services=SHOP), tries=2).faults()
    assert found == {"shop-0": "does not answer as it should: GET /up gave timed out"}
    assert [name for name, _ in engine.ran].count("nginx") == 2


@pytest.mark.parametrize(("status", "wrong"), [(404, False), (302, False), (503, True)])
def test_a_service_that_nginx_does_not_reach_is_told(status, wrong):
    """Another page than the service's own is fine, but not the page that says it is not there."""
    engine = Engine(WELL, {"holder": {"status": status, "line": f"HTTP/1.1 {status} Words"}})
    found = Wellness(engine, state(*WELL, services=SHOP), tries=1).faults()
    assert list(found) == (["shop, through nginx,"] if wrong else [])


def test_statuses_are_accepted_as_the_release_was_told():
    services = {
        "shop": {**SHOP["shop"], "health": {"path": "/", "status": ["300-399", 401]}},
    }
    for status, wrong in ((401, False), (302, False), (200, True)):
        engine = Engine(WELL, {"nginx": {"status": status, "line": f"HTTP/1.1 {status} Words"}})
        found = Wellness(engine, state(*WELL, services=services), tries=1).faults()
        assert bool(found.get("shop-0")) == wrong
