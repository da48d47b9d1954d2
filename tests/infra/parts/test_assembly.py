"""The parts of a stack, in the order in which they stand on each other."""

from __future__ import annotations

from infra.model.stack_spec import StackSpec
from infra.parts.assembly import parts_of, rollout_plan
from infra.parts.part import Part
from infra.program_input import Kept
from tests.infra.releases import STACK, made

SERVICES = {
    "shop": {"path": "/", "volumes": {"uploads": "/up"}, "media": {"/media": "/up"}},
    "blog": {"path": "/blog", "port": 8000},
}


def parts(spec: StackSpec, **kept: Kept) -> list[Part]:
    return parts_of(STACK, spec, {}, kept)


def test_each_part_comes_after_those_that_it_stands_on():
    volumes: set[str] = set()
    containers: set[str] = set()
    for part in parts(made(**SERVICES), later=Kept(data=True)):
        volumes |= {each.name for each in part.volumes}
        assert set(part.uses) <= volumes
        for each in part.containers:
            assert set(each.after) <= containers
            mounted = {mount.volume for mount in each.container.mounts if mount.volume}
            own = {volume.name for volume in part.volumes}
            assert mounted <= own | set(part.uses), each.resource
            containers.add(each.resource)
    assert containers


def test_what_outlasts_releases_comes_first():
    order = [part.outlasts_releases for part in parts(made(**SERVICES), later=Kept(data=True))]
    assert order == sorted(order, reverse=True)
    assert set(order) == {True, False}


def test_only_what_outlasts_releases_goes_on_under_its_name_when_all_images_change():
    def names(content: str) -> dict[bool, set[str]]:
        found: dict[bool, set[str]] = {True: set(), False: set()}
        for part in parts(made(content, **SERVICES)):
            found[part.outlasts_releases] |= {each.resource for each in part.containers}
        return found

    one, two = names("one"), names("two")
    assert one[True]
    assert one[True] == two[True]
    assert not one[False] & two[False]


def test_the_plan_has_all_routes_and_all_gates():
    spec = made(**SERVICES)
    plan = rollout_plan(spec.settings, spec.proxy, parts(spec, later=Kept(data=True)))
    assert plan == spec.plan
    assert list(plan.services) == ["blog", "shop"]
    assert "location /blog/" in plan.configuration
    assert "later" not in plan.configuration


def test_no_two_parts_have_a_volume_or_a_container_in_common():
    found = parts(made(**SERVICES), shop=Kept(data=True))
    for names in (
        [volume.name for part in found for volume in part.volumes],
        [each.resource for part in found for each in part.containers],
        [each.container.name for part in found for each in part.containers],
    ):
        assert len(names) == len(set(names))
