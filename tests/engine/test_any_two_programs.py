"""For any two programs: the second after the first comes to the same as the second alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as some

from engine.checkpoint import verify
from tests.engine.runs import depends, run, thing
from tests.engine.world import World

NAMES = [f"t{number}" for number in range(6)]


@some.composite
def programs(draw):
    """Declare some of the things, each needing only things declared before it."""
    goals, declared = [], []
    for name in draw(some.permutations(NAMES)):
        if not draw(some.booleans()):
            continue
        inputs = {"size": draw(some.integers(1, 2))}
        # Of two things with one name the old one has to go first.
        inputs.update({"first": True} if draw(some.booleans()) else {"name": ...})
        needed = {}
        if declared and draw(some.booleans()):
            needed["fixed"] = draw(some.sampled_from(declared))
            inputs["fixed"] = f"of {needed['fixed']}, {draw(some.integers(1, 2))}"
        elif draw(some.booleans()):
            inputs["fixed"] = draw(some.integers(1, 2))
        others = draw(some.lists(some.sampled_from(declared), max_size=2)) if declared else []
        options = {"ignore_changes": ("size",)} if draw(some.integers(0, 5)) == 0 else {}
        goals.append(thing(name, inputs, **depends(*others, **needed), **options))
        declared.append(name)
    return goals


def described(world, goals):
    """Give the world by the names of resources; sizes that a program ignores do not count."""
    ignoring = {goal.name for goal in goals if goal.ignore_changes}
    found = {}
    for name, properties in world.things().items():
        plain = name.partition("-")[0]
        kept = {key: value for key, value in properties.items() if key != "name"}
        if plain in ignoring:
            kept.pop("size")
        assert plain not in found
        found[plain] = kept
    return found


@given(programs(), programs())
@how(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_way_does_not_matter(before, after):
    with tempfile.TemporaryDirectory() as folder:
        used, fresh = World(Path(folder) / "used"), World(Path(folder) / "fresh")
        first = run(used, before)
        foreseen = run(used, after, first, preview=True)
        second = run(used, after, first)
        assert (first.errors, second.errors) == ("", "")
        run(fresh, after)
        assert described(used, after) == described(fresh, after)
        assert sorted(foreseen.story) == sorted(second.story)
        third = run(used, after, second)
        assert third.story == []
        assert third.written == []
        for snapshot in (*first.written, *second.written):
            verify(snapshot.resources)
