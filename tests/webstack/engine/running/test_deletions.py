"""Resources are deleted in reverse order of need, side by side where nothing forbids it."""

from __future__ import annotations

import threading
import time

from webstack.engine.model.state import ResourceState
from webstack.engine.planning.graph import blockers, ordered
from webstack.engine.running.deletions import Deletions
from webstack.engine.running.executor import StepFailedError


def resource(name, *needs, **more):
    urn = f"urn:pulumi:a::b::c::{name}"
    dependencies = tuple(f"urn:pulumi:a::b::c::{other}" for other in needs)
    return ResourceState(urn, "c", True, dependencies=dependencies, **more)


class Hand:
    """Notes each deletion; ``refuse`` names the resources that cannot be deleted."""

    def __init__(self, *refuse, seconds=0.0):
        self.refuse, self.seconds = refuse, seconds
        self.done, self.at_once, self.most = [], 0, 0
        self.lock = threading.Lock()

    def __call__(self, step):
        with self.lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(self.seconds)
        with self.lock:
            self.at_once -= 1
            if step.resource.name in self.refuse:
                raise StepFailedError
            self.done.append(step.resource.name)
        return step.resource


def delete(hand, *condemned, stopped=lambda: False, parallel=4):
    return Deletions(hand, lambda _event: None, stopped, parallel).run(condemned)


def test_what_is_needed_goes_after_what_needs_it():
    hand = Hand()
    assert delete(hand, resource("a"), resource("b", "a"), resource("c", "b"), resource("d", "a"))
    assert hand.done.index("a") == 3
    assert hand.done.index("c") < hand.done.index("b")


def test_independent_ones_go_side_by_side():
    hand = Hand(seconds=0.1)
    delete(hand, *(resource(name) for name in "abcd"))
    assert hand.most > 1


def test_what_a_stubborn_one_needs_stays_and_the_rest_goes():
    hand = Hand("b")
    assert not delete(hand, resource("a"), resource("b", "a"), resource("c"))
    assert hand.done == ["c"]


def test_nothing_begins_after_a_stop():
    hand = Hand()
    assert not delete(hand, resource("a"), stopped=lambda: True)
    assert hand.done == []


def test_generations_of_one_name_do_not_block_each_other_for_ever():
    old_x, old_y = resource("x", "y", delete=True), resource("y", delete=True)
    new_x, new_y = resource("x"), resource("y", "x")
    hand = Hand()
    assert delete(hand, old_y, old_x, new_x, new_y)
    assert sorted(hand.done) == ["x", "x", "y", "y"]
    assert blockers((old_y, old_x, new_x, new_y))[old_y] == {old_x}


def test_resources_are_put_after_what_they_need_and_otherwise_left():
    items = (resource("c", "a"), resource("b"), resource("a"))
    assert [item.name for item in ordered(items)] == ["b", "a", "c"]
    assert ordered(items[1:]) == items[1:]


def test_a_circle_of_needs_does_not_hang():
    items = (resource("a", "b"), resource("b", "a"))
    assert set(ordered(items)) == set(items)
