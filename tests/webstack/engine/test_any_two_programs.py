"""For any two programs: the second after the first comes to the same as the second alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as some

from tests.webstack.engine.runs import ROOT, component, run, thing, urn
from tests.webstack.engine.world import World
from webstack.engine.model.goal import Alias
from webstack.engine.storage.checkpoint import verify

NAMES = [f"t{number}" for number in range(6)]
PARENTS = ("part", "unit")  # two names of one component
PARENT_TYPE = "shop:app:Part"


@some.composite
def programs(draw):
    """Declare some of the things, each needing only things declared before it.

    From one program to the next, things and their component may change their names, which aliases
    tell. Things with an odd number are below the component. Some are protected, and declared for as
    long as there are programs.
    """
    called = draw(some.sampled_from(PARENTS))
    above = urn(called, type_=PARENT_TYPE)
    goals, declared = [component(called, aliases=aliases(called, PARENTS))], {}
    for name in draw(some.permutations(NAMES)):
        kept = name == NAMES[0]
        if not kept and not draw(some.booleans()):
            continue
        inputs = {"size": draw(some.integers(1, 2))}
        # Of two things with one name the old one has to go first.
        inputs.update({"first": True, "name": name} if draw(some.booleans()) else {"name": ...})
        needed = {}
        if declared and draw(some.booleans()) and not kept:
            needed["fixed"] = draw(some.sampled_from(sorted(declared)))
            inputs["fixed"] = f"of {needed['fixed']}, {draw(some.integers(1, 2))}"
        elif draw(some.booleans()) and not kept:
            inputs["fixed"] = draw(some.integers(1, 2))
        others = (
            draw(some.lists(some.sampled_from(sorted(declared)), max_size=2)) if declared else []
        )
        options = {"ignore_changes": ("size",)} if draw(some.integers(0, 5)) == 0 else {}
        parent = above if int(name[1:]) % 2 else ROOT
        names = (name, f"{name}x")
        chosen = draw(some.sampled_from(names))
        options.update(aliases=aliases(chosen, names), parent=parent, protect=kept)
        on = {key: declared[other] for key, other in needed.items()}
        options["property_dependencies"] = {key: (other,) for key, other in on.items()}
        options["dependencies"] = (*(declared[other] for other in others), *on.values())
        if kept:
            inputs = {"name": name, "size": inputs["size"]}
        goals.append(thing(chosen, inputs, **options))
        declared[name] = urn(chosen, parent)
    return goals


def aliases(name, names):
    return tuple(Alias(name=other) for other in names if other != name)


def described(world, goals):
    """Give the world by the names of resources; sizes that a program ignores do not count."""
    ignoring = {goal.name[:2] for goal in goals if goal.ignore_changes}
    found = {}
    for name, properties in world.things().items():
        plain = name[:2]
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
