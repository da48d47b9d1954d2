"""A state draws its identity once; objects of others are refused unless they are adopted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra import identity
from infra.identity import IdentityProvider, OwnershipError
from infra.testing import Declare
from webstack.contract.ownership import OWNER
from webstack.contract.variables import CLAIMING
from webstack.docker.errors import DaemonError, NotFoundError

PROVIDER = IdentityProvider()
LABELS = {"webstack.project": "webstack", "webstack.stack": "dev"}
WANTED: dict[str, Any] = {"stack": LABELS, "volumes": ["v", "w"]}


class Engine:
    """A daemon that has volumes with labels, or does not answer."""

    def __init__(self) -> None:
        self.present: dict[str, dict[str, str] | None] = {"other": None}
        self.answers = True

    def volumes(self) -> dict[str, Any]:
        if not self.answers:
            raise DaemonError("no answer")
        return {"Volumes": [{"Name": name, "Labels": each} for name, each in self.present.items()]}

    def create_volume(self, name: str, labels: dict[str, str]) -> None:
        self.present.setdefault(name, labels)

    def remove_volume(self, name: str) -> None:
        if name not in self.present:
            raise NotFoundError("no such volume")
        del self.present[name]


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    fake = Engine()
    monkeypatch.setattr(identity, "connect", lambda: fake)
    monkeypatch.delenv(CLAIMING, raising=False)
    return fake


def claim(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    monkeypatch.setenv(CLAIMING, json.dumps(values))


def created() -> dict[str, Any]:
    return dict(PROVIDER.create(WANTED).outs or {})


def test_each_state_has_an_identity_of_its_own_and_keeps_it():
    first, second = created(), created()
    assert first["value"] != second["value"]
    assert not PROVIDER.diff(first["value"], first, WANTED).changes


def test_volumes_with_our_identity_are_ours(engine: Engine):
    mine = created()
    engine.present["v"] = {**LABELS, OWNER: mine["value"]}
    assert not PROVIDER.diff(mine["value"], mine, WANTED).changes


def test_what_another_state_made_is_refused_in_preview_and_update(engine: Engine):
    mine = created()
    engine.present["v"] = {**LABELS, OWNER: "another"}
    for refused in (
        lambda: PROVIDER.check({}, WANTED),
        lambda: PROVIDER.create(WANTED),
        lambda: PROVIDER.diff(mine["value"], mine, WANTED),
    ):
        with pytest.raises(OwnershipError, match=r"volume v exists.*state of dev \(another\)"):
            refused()


def test_what_is_adopted_is_ours_from_then_on(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    mine = created()
    engine.present["v"] = {**LABELS, OWNER: "another"}
    claim(monkeypatch, adopt=True)
    assert PROVIDER.diff(mine["value"], mine, WANTED).changes
    taken = dict(PROVIDER.update(mine["value"], mine, WANTED).outs or {})
    assert (taken["value"], taken["taken"]) == (mine["value"], {"v": "another"})
    monkeypatch.delenv(CLAIMING)
    assert not PROVIDER.diff(mine["value"], taken, WANTED).changes


@pytest.mark.parametrize("label", [{OWNER: "another"}, {}])
def test_whoever_had_what_was_adopted_sees_that_it_is_not_theirs_any_more(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, label: dict[str, str]
):
    """The first owner may take the volume back; then the second one does not own it any more."""
    theirs = {"value": "another", "taken": {} if label else {"v": ""}}
    engine.present["v"] = {**LABELS, **label}
    claim(monkeypatch, adopt=True, known=["v"] if label else [])
    mine = created()
    claim(monkeypatch, known=["v"])
    with pytest.raises(OwnershipError, match=rf"state of dev \({mine['value']}\)"):
        PROVIDER.diff("another", theirs, WANTED)

    claim(monkeypatch, adopt=True)
    theirs = dict(PROVIDER.update("another", theirs, WANTED).outs or {})
    claim(monkeypatch, known=["v"])
    assert not PROVIDER.diff("another", theirs, WANTED).changes
    with pytest.raises(OwnershipError, match=r"state of dev \(another\)"):
        PROVIDER.diff(mine["value"], mine, WANTED)


def test_a_claim_goes_with_its_volume(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    engine.present |= {"v": {**LABELS, OWNER: "another"}, "w": {**LABELS, OWNER: "another"}}
    claim(monkeypatch, adopt=True)
    mine = created()
    del engine.present["v"]
    PROVIDER.delete("another", mine)
    assert engine.present.keys() == {"other", "w", "v.adopted", "w.adopted"}
    PROVIDER.delete(mine["value"], mine)
    assert engine.present.keys() == {"other", "w", "w.adopted"}


def test_volumes_of_an_earlier_version_are_ours_where_the_state_has_them(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    engine.present["v"] = LABELS
    with pytest.raises(OwnershipError):
        PROVIDER.check({}, WANTED)
    claim(monkeypatch, known=["v"])
    assert not PROVIDER.check({}, WANTED).failures
    assert created()["taken"] == {"v": ""}


def test_a_preview_needs_no_engine_and_an_update_does(engine: Engine):
    mine = created()
    engine.answers = False
    assert not PROVIDER.check({}, WANTED).failures
    assert not PROVIDER.diff(mine["value"], mine, WANTED).changes
    with pytest.raises(identity.DeploymentError, match="does not answer"):
        PROVIDER.create(WANTED)


def test_every_volume_carries_the_identity_and_keeps_its_name_and_labels(declare: Declare):
    stack = declare()
    [known] = [each for each in stack if each.kind == "Identity"]
    volumes = stack.of_type("Volume")
    assert sorted(each.get("name") for each in volumes) == known.get("volumes")
    assert {each.labels[OWNER] for each in volumes} == {"generated"}
