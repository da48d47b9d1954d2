"""An operation that a killed run left under way is settled before the next run begins."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.webstack.engine.runs import depends, run, thing
from tests.webstack.engine.world import World
from webstack.engine.model.errors import EngineError
from webstack.engine.model.provider import ProviderError
from webstack.engine.model.state import PendingOperation, Snapshot
from webstack.engine.providers.registry import Providers
from webstack.engine.running import recovery
from webstack.engine.running.journal import Journal


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "world")


def settled(world, snapshot):
    said = []
    journal = Journal(snapshot, lambda _snapshot: None)
    recovery.settle(journal, Providers({"fake": lambda _config: world}), said.append)
    after = journal.snapshot()
    assert after.operations == ()
    return after, "\n".join(item.message for item in said)


def interrupted(ran, name, kind, **changes):
    """Give the state as if an operation on a resource had been under way."""
    resource = replace(ran[name], **changes)
    return Snapshot(ran.after.resources, (PendingOperation(resource, kind),))


def without(ran, name):
    return tuple(item for item in ran.after.resources if item.name != name)


def test_a_finished_creation_is_adopted(world):
    ran = run(world, [thing("a", {"size": 1})])
    lost = Snapshot(without(ran, "a"), (PendingOperation(replace(ran["a"], id=""), "creating"),))
    after, said = settled(world, lost)
    assert "adopted" in said
    again = run(world, [thing("a", {"size": 1})], after)
    assert again.story == []
    assert again["a"].id == ran["a"].id


def test_an_adopted_thing_that_nobody_wants_any_more_is_deleted(world):
    ran = run(world, [thing("a")])
    lost = Snapshot(without(ran, "a"), (PendingOperation(replace(ran["a"], id=""), "creating"),))
    run(world, [], settled(world, lost)[0])
    assert world.things() == {}


def test_a_half_made_thing_is_removed_and_made_again(world):
    ran = run(world, [thing("a", {"half_made": True})])
    lost = Snapshot(without(ran, "a"), (PendingOperation(replace(ran["a"], id=""), "creating"),))
    after, said = settled(world, lost)
    assert "half made" in said
    assert world.things() == {}
    assert run(world, [thing("a", {"half_made": True})], after).story == ["create a"]


def test_a_creation_that_never_took_place_begins_anew(world):
    ran = run(world, [thing("a")])
    world.remove("a")
    lost = Snapshot(without(ran, "a"), (PendingOperation(replace(ran["a"], id=""), "creating"),))
    after, _ = settled(world, lost)
    assert run(world, [thing("a")], after).story == ["create a"]


def test_an_interrupted_replacement_marks_the_old_one_for_deletion(world):
    first = run(world, [thing("a", {"name": "one"})])
    made = run(world, [thing("a", {"name": "two"})], complete=False)
    operation = PendingOperation(replace(made["a"], id=""), "creating")
    after, _ = settled(world, Snapshot(first.after.resources, (operation,)))
    again = run(world, [thing("a", {"name": "two"})], after)
    assert again.story == ["delete-replaced a"]
    assert sorted(world.things()) == ["two"]


def test_what_is_found_but_known_already_is_not_adopted_twice(world):
    ran = run(world, [thing("a"), thing("b")])
    other = PendingOperation(replace(ran["b"], id="", inputs=ran["a"].inputs), "creating")
    after, _ = settled(world, Snapshot(ran.after.resources, (other,)))
    assert len(after.resources) == len(ran.after.resources)


def test_an_interrupted_update_is_carried_through_even_if_the_program_went_back(world):
    ran = run(world, [thing("a", {"size": 1})])
    world.change("a", size=2)
    after, said = settled(world, interrupted(ran, "a", "updating"))
    assert "interrupted while updating" in said
    again = run(world, [thing("a", {"size": 1})], after)
    assert again.story == ["update a: size"]
    assert world.things()["a"]["size"] == 1


@pytest.mark.parametrize("known", [{}, {"id": ""}], ids=["the engine's", "the CLI's, without id"])
def test_an_interrupted_update_that_left_no_trace_is_still_taken_up(world, known):
    ran = run(world, [thing("a", {"size": 1})])
    after, _ = settled(world, interrupted(ran, "a", "updating", **known))
    assert run(world, [thing("a", {"size": 1})], after).story == ["update a"]


def test_a_deletion_that_took_place_is_noted(world):
    ran = run(world, [thing("a"), thing("b", **depends("a"))])
    world.remove("b")
    after, said = settled(world, interrupted(ran, "b", "deleting"))
    assert "it is gone" in said
    assert run(world, [thing("a"), thing("b", **depends("a"))], after).story == ["create b"]


def test_a_deletion_that_did_not_take_place_is_done_by_the_run(world):
    ran = run(world, [thing("a")])
    after, _ = settled(world, interrupted(ran, "a", "deleting"))
    assert run(world, [], after).story == ["delete a"]
    assert world.things() == {}


def test_reading_and_importing_leave_nothing_to_settle(world):
    ran = run(world, [thing("a")])
    for kind in ("reading", "importing"):
        assert settled(world, interrupted(ran, "a", kind))[0].resources == ran.after.resources


def test_when_nobody_can_tell_the_run_does_not_begin(world):
    ran = run(world, [thing("a")])

    def refuse(*_arguments):
        raise ProviderError("no answer from the other side")

    world.find = refuse
    lost = Snapshot(without(ran, "a"), (PendingOperation(replace(ran["a"], id=""), "creating"),))
    with pytest.raises(EngineError, match="no answer from the other side"):
        settled(world, lost)
