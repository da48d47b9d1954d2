"""The program is told what the state owns, and nothing of another state is deleted."""

import json
import os

import pytest

from tests.webstack.cli.conftest import FakeRecords
from webstack.cli.backends.ownership import Guard
from webstack.cli.daemon import containers
from webstack.cli.daemon.containers import StackOnDocker
from webstack.contract.variables import CLAIMING

STACK = {"webstack.project": "shop", "webstack.stack": "dev"}


def state(*volumes, identity="a1", taken=None):
    resources = [
        {
            "urn": "::i",
            "type": "pulumi-python:dynamic/webstack:Identity",
            "id": identity,
            "outputs": {"taken": taken or {}},
        },
        {"urn": "::c", "type": "docker:index/container:Container", "id": "known"},
        *(
            {"urn": f"::{name}", "type": "docker:index/volume:Volume", "id": name, "protect": True}
            for name in volumes
        ),
    ]
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


class FakeEngine:
    """A daemon with volumes, containers and networks, which forgets what is removed."""

    def __init__(self):
        self.labels = {}
        self.gone = []

    def volumes(self):
        return {"Volumes": [{"Name": n, "Labels": labels} for n, labels in self.labels.items()]}

    def containers(self, all, filters):  # noqa: A002 - docker's own name
        assert (all, filters) == (True, {"label": ["webstack.project=shop", "webstack.stack=dev"]})
        return [{"Id": "known", "Names": ["/ours"]}, {"Id": "theirs", "Names": ["/theirs"]}]

    def networks(self, filters):
        return [{"Id": "net", "Name": "theirs-edge"}]

    def stop(self, id_, timeout):
        self.gone.append(f"stopped {id_}")

    def remove_container(self, id_, force):
        self.gone.append(id_)

    def remove_network(self, id_):
        self.gone.append(id_)


@pytest.fixture
def engine(monkeypatch):
    fake = FakeEngine()
    monkeypatch.setattr(containers, "shared", lambda host: fake)
    return fake


@pytest.fixture
def guard():
    records = FakeRecords()
    records.deployment = state("shop-dev-a-data")
    return Guard("shop", "dev", records, {})


def test_a_foreign_volume_is_let_go_of_and_never_deleted(engine, guard, capsys):
    engine.labels = {"shop-dev-a-data": {**STACK, "webstack.owner": "b2"}, "other": None}
    guard.spare()
    *_, volume = json.loads(guard.records.deployment)["deployment"]["resources"]
    assert volume["retainOnDelete"] is True
    assert "protect" not in volume, "it is nobody's loss"
    assert "shop-dev-a-data stays" in capsys.readouterr().err


def test_who_adopts_a_volume_is_not_told_that_it_is_another_s(engine, guard, capsys):
    engine.labels = {"shop-dev-a-data": {**STACK, "webstack.owner": "b2"}}
    guard.spare(adopt=True)
    *_, volume = json.loads(guard.records.deployment)["deployment"]["resources"]
    assert volume["retainOnDelete"] is True
    said = capsys.readouterr().err
    assert "shop-dev-a-data was another state's: it is taken over where a service has it" in said
    assert "not this state's" not in said


def test_what_another_state_adopted_is_not_deleted_either(engine, guard, capsys):
    claim = {"webstack.adopted": "shop-dev-a-data", "webstack.owner": "b2"}
    engine.labels = {
        "shop-dev-a-data": {**STACK, "webstack.owner": "a1"},
        "shop-dev-a-data.adopted": claim,
    }
    guard.spare()
    assert "shop-dev-a-data stays" in capsys.readouterr().err


def test_a_state_is_left_alone_where_all_is_ours(engine, guard):
    engine.labels = {"shop-dev-a-data": {**STACK, "webstack.owner": "a1"}}
    before = guard.records.deployment
    guard.spare()
    assert guard.records.deployment == before


def test_the_program_is_told_for_as_long_as_it_runs(guard):
    with guard.claiming(adopt=True):
        told = [json.loads(place[CLAIMING]) for place in (os.environ, guard.environ)]
    assert told == [{"known": ["shop-dev-a-data"], "adopt": True}] * 2
    assert CLAIMING not in os.environ
    assert CLAIMING not in guard.environ


def test_who_adopts_removes_what_another_state_runs(engine, guard, capsys):
    guard.make_way()
    assert engine.gone == ["stopped theirs", "theirs", "net"]
    assert "Removed theirs, which was another state's." in capsys.readouterr().err


def test_a_stack_sees_all_volumes_with_their_labels(engine):
    engine.labels = {"a": None, "b": STACK}
    assert StackOnDocker("shop", "dev").volume_labels() == {"a": {}, "b": STACK}
