"""Resources go from one run to the next: state in, steps and state out."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.webstack.engine.runs import ROOT, component, depends, run, thing, urn
from tests.webstack.engine.world import World
from webstack.engine.model.goal import Alias
from webstack.engine.model.values import Secret
from webstack.engine.storage.checkpoint import verify


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "world")


def test_a_new_resource_is_created_and_then_left_alone(world):
    first = run(world, [thing("a", {"size": 1})])
    second = run(world, [thing("a", {"size": 1})], first)
    assert first.story == ["create a"]
    assert second.story == []
    assert second["a"] is first["a"]
    assert world.things() == {"a": {"name": "a", "size": 1}}


def test_a_run_that_changes_nothing_writes_nothing(world):
    first = run(world, [thing("a"), component("part")])
    assert run(world, [thing("a"), component("part")], first).written == []


def test_the_state_is_saved_before_and_after_each_change(world):
    ran = run(world, [thing("a")])
    counts = [(len(item.resources), [op.type for op in item.operations]) for item in ran.written]
    assert (2, ["creating"]) in counts
    assert counts[-1] == (3, [])


def test_a_change_is_an_update_of_the_same_thing(world):
    first = run(world, [thing("a", {"size": 1})])
    second = run(world, [thing("a", {"size": 2})], first)
    assert second.story == ["update a: size"]
    assert second["a"].id == first["a"].id
    assert second["a"].created == first["a"].created
    assert second["a"].modified > first["a"].modified


def test_replacing_creates_first_and_deletes_at_the_end(world):
    goals = [thing("a", {"name": ..., "fixed": 1}), thing("b", {"size": 1})]
    first = run(world, goals)
    goals = [thing("a", {"name": ..., "fixed": 2}), thing("b", {"size": 2})]
    second = run(world, goals, first)
    assert second.story == [
        "create-replacement a: fixed",
        "replace a: fixed",
        "update b: size",
        "delete-replaced a",
    ]
    assert second["a"].id != first["a"].id


def test_the_old_half_of_a_replacement_stays_in_the_state_until_it_is_deleted(world):
    first = run(world, [thing("a", {"name": ..., "fixed": 1})])
    goals = [thing("a", {"name": ..., "fixed": 2})]
    second = run(world, goals, first, complete=False)
    assert [item.delete for item in second.after.resources if item.name == "a"] == [False, True]
    third = run(world, goals, second)
    assert third.story == ["delete-replaced a"]
    assert len(world.things()) == 1


def test_a_provider_may_ask_to_delete_first(world):
    first = run(world, [thing("a", {"fixed": 1, "first": True})])
    second = run(world, [thing("a", {"fixed": 2, "first": True})], first)
    assert second.story == ["delete-replaced a", "replace a: fixed", "create-replacement a: fixed"]


def test_the_option_decides_the_order_against_the_provider(world):
    first = run(world, [thing("a", {"name": ..., "fixed": 1, "first": True})])
    goal = thing("a", {"name": ..., "fixed": 2, "first": True}, delete_before_replace=False)
    assert run(world, [goal], first).story[0] == "create-replacement a: fixed"
    goal = thing("a", {"name": ..., "fixed": 3}, delete_before_replace=True)
    assert run(world, [goal], first, preview=True).story[0] == "delete-replaced a"


def test_deleting_first_takes_dependents_that_would_be_replaced(world):
    def goals(fixed):
        return [
            thing("base", {"fixed": fixed, "first": True}),
            thing("user", {"fixed": "of base"}, **depends(fixed="base")),
            thing("user2", {"fixed": "of user"}, **depends(fixed="user")),
            thing("sizer", {"size": "of base"}, **depends(size="base")),
            thing("bystander", {}, **depends("base")),
        ]

    first = run(world, goals(1))
    second = run(world, goals(2), first)
    assert second.story == [
        "delete-replaced user2",
        "delete-replaced user",
        "delete-replaced base",
        "replace base: fixed",
        "create-replacement base: fixed",
        "replace user",
        "create-replacement user",
        "replace user2",
        "create-replacement user2",
    ]
    assert second["bystander"] is first["bystander"]
    assert not any(item.pending_replacement for item in second.after.resources)


def test_between_deletion_and_creation_the_state_says_that_the_creation_is_due(world):
    first = run(world, [thing("a", {"fixed": 1, "first": True})])
    failing = thing("a", {"fixed": 2, "first": True, "fail": "no room"})
    second = run(world, [failing], first)
    assert second.failed
    assert second["a"].pending_replacement
    third = run(world, [thing("a", {"fixed": 2, "first": True})], second)
    assert third.story == ["replace a: fixed", "create-replacement a: fixed"]
    assert not third["a"].pending_replacement


def test_a_due_creation_that_nobody_wants_any_more_is_forgotten(world):
    first = run(world, [thing("a", {"fixed": 1, "first": True})])
    second = run(world, [thing("a", {"fixed": 2, "first": True, "fail": "no"})], first)
    third = run(world, [], second)
    assert third.story == ["remove-pending-replace a"]
    assert third.names() == []


def test_what_the_program_no_longer_declares_is_deleted_in_reverse_order(world):
    goals = [thing("a"), thing("b", **depends("a")), thing("c", **depends("b"))]
    first = run(world, goals)
    assert run(world, [], first).story == ["delete c", "delete b", "delete a"]
    assert world.things() == {}


def test_autonames_stay_until_the_resource_is_replaced(world):
    first = run(world, [thing("a", {"name": ..., "fixed": 1, "size": 1})])
    second = run(world, [thing("a", {"name": ..., "fixed": 1, "size": 2})], first)
    third = run(world, [thing("a", {"name": ..., "fixed": 2, "size": 2})], second)
    assert second["a"].inputs["name"] == first["a"].inputs["name"]
    assert third["a"].inputs["name"] != first["a"].inputs["name"]


def test_ignored_changes_keep_the_old_value_and_others_go_through(world):
    first = run(world, [thing("a", {"tags": {"x": 1, "y": 1}, "size": 1})])
    goal = thing("a", {"tags": {"x": 2, "y": 2}, "size": 2}, ignore_changes=("tags.x", "size"))
    second = run(world, [goal], first)
    assert second.story == ["update a: tags"]
    assert world.things()["a"] == {"name": "a", "tags": {"x": 1, "y": 2}, "size": 1}


def test_replace_on_changes_turns_an_update_into_a_replacement(world):
    first = run(world, [thing("a", {"name": ..., "size": 1})])
    goal = thing("a", {"name": ..., "size": 2}, replace_on_changes=("size",))
    assert run(world, [goal], first).story[0] == "create-replacement a: size"


def test_a_tainted_resource_is_made_anew_once(world):
    first = run(world, [thing("a")])
    tainted = tuple(replace(item, taint=item.name == "a") for item in first.after.resources)
    second = run(world, [thing("a")], replace(first.after, resources=tainted))
    assert second.story[-1].startswith("create-replacement a")
    assert run(world, [thing("a")], second).story == []


def test_a_renamed_resource_is_found_by_its_alias(world):
    first = run(world, [thing("old", {"name": "x"}), thing("user", **depends("old"))])
    renamed = thing("new", {"name": "x"}, aliases=(Alias(name="old"),))
    second = run(world, [renamed, thing("user", **depends("new"))], first)
    assert second.story == []
    assert second["new"].id == first["old"].id
    assert second["user"].dependencies == (urn("new"),)
    assert second.names() == ["new", "user"]
    assert not any(item.aliases for item in second.after.resources)


def test_children_of_a_renamed_component_follow_it(world):
    old = urn("part", type_="shop:app:Part")
    first = run(world, [component("part"), thing("part-disk", {"name": "d"}, parent=old)])
    new = urn("unit", type_="shop:app:Part")
    goals = [
        component("unit", aliases=(Alias(name="part"),)),
        thing("unit-disk", {"name": "d"}, parent=new),
    ]
    second = run(world, goals, first)
    assert second.story == []
    assert second["unit-disk"].parent == new


def test_one_alias_serves_one_resource(world):
    first = run(world, [thing("old", {"name": "x"})])
    goals = [
        thing("one", {"name": "x"}, aliases=(Alias(name="old"),)),
        thing("two", {"name": "y"}, aliases=(Alias(name="old"),)),
    ]
    second = run(world, goals, first)
    assert second.failed
    assert "Duplicate resource alias" in second.errors


def test_what_has_to_go_with_a_target_comes_back_with_it(world):
    """The dependent is not a target itself, but a targeted run must not leave it deleted."""

    def goals(number):
        first = thing("a", {"first": True, "fixed": number})
        return [first, thing("b", {"first": True, "fixed": "x"}, **depends(fixed="a"))]

    before = run(world, goals(1))
    after = run(world, goals(2), before, targets=(urn("a"),))
    assert not after.failed
    assert sorted(world.things()) == ["a", "b"]
    assert run(world, goals(2), after).story == []


def test_a_name_may_be_declared_once(world):
    ran = run(world, [thing("a"), thing("a")])
    assert "Duplicate resource URN" in ran.errors


def test_a_protected_resource_is_not_replaced(world):
    first = run(world, [thing("a", {"fixed": 1}, protect=True)])
    second = run(world, [thing("a", {"fixed": 2}, protect=True)], first)
    assert second.failed
    assert "marked for protection" in second.errors
    assert world.things()["a"]["fixed"] == 1


def test_a_preview_shows_the_forbidden_replacement_and_fails(world):
    first = run(world, [thing("a", {"fixed": 1}, protect=True)])
    ran = run(world, [thing("a", {"fixed": 2}, protect=True)], first, preview=True)
    assert ran.failed
    assert "replace a: fixed" in ran.story


def test_protection_may_be_dropped_together_with_the_change(world):
    first = run(world, [thing("a", {"fixed": 1, "first": True}, protect=True)])
    second = run(world, [thing("a", {"fixed": 2, "first": True}, protect=False)], first)
    assert not second.failed
    assert world.things()["a"]["fixed"] == 2


def test_a_protected_resource_that_is_no_longer_declared_stays_with_what_it_needs(world):
    first = run(world, [thing("base"), thing("a", protect=True, **depends("base")), thing("b")])
    second = run(world, [], first)
    assert second.failed
    assert second.story == ["delete b"]
    assert sorted(world.things()) == ["a", "base"]


def test_children_inherit_protection(world):
    part = urn("part", type_="shop:app:Part")
    ran = run(world, [component("part", protect=True), thing("a", parent=part)])
    assert ran["a"].protect


def test_retained_things_leave_the_state_and_stay(world):
    first = run(world, [thing("a", retain_on_delete=True)])
    second = run(world, [], first)
    assert second.names() == []
    assert "a" in world.things()


def test_what_is_deleted_with_another_needs_no_deletion_of_its_own(world):
    first = run(world, [thing("host"), thing("guest", deleted_with=urn("host"))])
    world.calls.clear()
    run(world, [], first)
    assert world.calls == ["delete host"]


def test_replacing_one_replaces_those_that_ask_for_it(world):
    def goals(fixed):
        return [
            thing("a", {"name": ..., "fixed": fixed}),
            thing("b", {"name": ...}, replace_with=(urn("a"),)),
        ]

    first = run(world, goals(1))
    assert "create-replacement b: replaceWith" in run(world, goals(2), first).story


def test_options_alone_change_the_state_but_nothing_real(world):
    first = run(world, [thing("a")])
    second = run(world, [thing("a", protect=True, custom_timeouts={"create": 60})], first)
    assert second.story == []
    assert second["a"].protect
    assert second["a"].custom_timeouts == {"create": 60}
    assert len(second.written) == 1


def test_what_failed_half_way_is_remembered_and_mended(world):
    first = run(world, [thing("a", {"half": "never healthy"})])
    assert first.failed
    assert first["a"].init_errors == ("never healthy",)
    second = run(world, [thing("a")], first)
    assert second.story == ["update a"]
    assert second["a"].init_errors == ()


def test_a_failure_leaves_what_was_done_and_stops_the_rest(world):
    goals = [thing("a"), thing("b", {"fail": "disk full"}), thing("c")]
    ran = run(world, goals)
    assert ran.failed
    assert ran.names() == ["a"]
    assert ran.errors == "disk full"
    assert not ran.after.operations


def test_independent_work_goes_on_after_an_error_when_asked_to(world):
    goals = [
        thing("a", {"fail": "no"}),
        thing("b", **depends("a")),
        thing("c", {"size": "of b"}, **depends(size="b")),
        thing("d"),
    ]
    ran = run(world, goals, continue_on_error=True)
    assert ran.failed
    assert ran.names() == ["d"]


def test_going_on_after_an_error_deletes_nothing_that_the_failed_one_may_need(world):
    first = run(world, [thing("base"), thing("a", {"size": 1}, **depends("base")), thing("x")])
    ran = run(world, [thing("a", {"size": 2, "fail": "no"})], first, continue_on_error=True)
    assert ran.names() == ["a", "base"]


def test_secrets_stay_sealed_by_property(world):
    ran = run(world, [thing("a", {"envs": ["A=1", Secret("B=2")], "size": 1})])
    assert ran["a"].inputs["envs"] == Secret(["A=1", "B=2"])
    assert ran["a"].outputs["envs"] == Secret(["A=1", "B=2"])
    assert ran["a"].outputs["size"] == 1
    assert world.things()["a"]["envs"] == ["A=1", "B=2"]


def test_outputs_can_be_made_secret_by_option(world):
    ran = run(world, [thing("a", additional_secret_outputs=("made",))])
    assert isinstance(ran["a"].outputs["made"], Secret)


def test_an_import_takes_over_what_exists(world):
    made = run(world, [thing("a", {"size": 1})])
    ran = run(world, [thing("b", {"name": "a", "size": 1}, import_id=made["a"].id)])
    assert ran.story == ["import b"]
    assert ran["b"].id == made["a"].id
    assert ran["b"].import_id == made["a"].id
    later = run(world, [thing("b", {"name": "a", "size": 1})], ran)
    assert later.story == []
    assert later["b"].import_id == ""


def test_an_import_brings_what_exists_to_what_is_declared(world):
    made = run(world, [thing("a", {"size": 1})])
    ran = run(world, [thing("b", {"name": "a", "size": 2}, import_id=made["a"].id)])
    assert ran.story == ["import b", "update b: size"]


def test_an_import_of_nothing_fails(world):
    ran = run(world, [thing("b", import_id="none")])
    assert ran.errors == "resource 'none' does not exist"


def test_a_resource_that_is_only_read_is_never_deleted(world):
    made = run(world, [thing("a", {"size": 1})])
    first = run(world, [thing("look", {}, read_id=made["a"].id)])
    assert first.story == ["read look"]
    assert first["look"].external
    assert first["look"].outputs["size"] == 1
    second = run(world, [], first)
    assert second.story == ["discard look"]
    assert "a" in world.things()


def test_a_resource_that_was_only_read_can_become_our_own(world):
    made = run(world, [thing("a", {"size": 1})])
    first = run(world, [thing("look", {"name": "a"}, read_id=made["a"].id)])
    second = run(world, [thing("look", {"name": "own"})], first)
    assert second.story == ["create-replacement look", "replace look", "discard-replaced look"]
    assert sorted(world.things()) == ["a", "own"]


def test_targets_limit_a_run(world):
    first = run(world, [thing("a", {"size": 1}), thing("b", {"size": 1}), thing("c")])
    goals = [thing("a", {"size": 2}), thing("b", {"size": 2}), thing("d")]
    second = run(world, goals, first, targets=(urn("a"),))
    assert second.story == ["update a: size"]
    assert second.names() == ["a", "b", "c"]
    verify(second.after.resources)


def test_a_target_cannot_depend_on_what_is_not_created(world):
    goals = [thing("a"), thing("b", **depends("a"))]
    ran = run(world, goals, targets=(urn("b"),))
    assert "--target" in ran.errors


def test_dependents_of_targets_can_be_targets_too(world):
    def goals(size):
        return [thing("a", {"size": size}), thing("b", {"size": size}, **depends("a"))]

    first = run(world, goals(1))
    second = run(world, goals(2), first, targets=(urn("a"),), target_dependents=True)
    assert second.story == ["update a: size", "update b: size"]


def test_a_resource_can_be_replaced_on_demand(world):
    first = run(world, [thing("a")])
    second = run(world, [thing("a")], first, replaced=(urn("a"),))
    assert second.story == ["delete-replaced a", "replace a: id", "create-replacement a: id"]
    assert second["a"].id != first["a"].id


def test_an_unsupported_property_is_refused_by_name(world):
    assert "property bogus is not supported" in run(world, [thing("a", {"bogus": 1})]).errors


def test_a_preview_touches_nothing_and_knows_what_it_can(world):
    first = run(world, [thing("a", {"size": 1})])
    ran = run(world, [thing("a", {"size": 2}), thing("b")], first, preview=True)
    assert ran.story == ["update a: size", "create b"]
    assert sorted(world.things()) == ["a"]
    assert ran["a"].outputs["size"] == 2
    assert ran["a"].outputs["made"] == first["a"].outputs["made"]
    assert "made" not in ran["b"].outputs


def test_a_component_follows_its_inputs(world):
    first = run(world, [component("part", inputs={"mode": "a"})])
    second = run(world, [component("part", inputs={"mode": "b"})], first)
    assert second.story == ["update part: mode"]
    assert second["part"].parent == ROOT


def test_every_state_that_is_written_can_be_read(world):
    def goals(fixed):
        return [
            thing("base", {"name": ..., "fixed": fixed}),
            thing("user", {"name": ..., "fixed": "of base"}, **depends(fixed="base")),
        ]

    first = run(world, goals(1))
    second = run(world, goals(2), first)
    for snapshot in (*first.written, *second.written):
        verify(snapshot.resources)
