"""The parts of a stack come in the order in which they depend on each other."""

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


def test_a_keeper_of_certificates_comes_before_nginx_and_has_a_network_of_its_own():
    from infra.settings.tls import Acme, Tls
    from infra.settings.types import FromSetting, Secret

    secrets = {"TOKEN": FromSetting(setting="dns_token")}
    acme = Acme(directory="https://ca.test/dir", hook="dns.py", hook_settings=secrets)
    tls = Tls(mode="acme", acme=acme)
    spec = made(tls=tls, **SERVICES)
    names = [each.resource for part in parts(spec) for each in part.containers]
    assert names.index("certificates") < names.index(spec.proxy.nginx_resource)
    keeper = spec.keeper.container
    joined = [each for each in spec.networks if each.name in keeper.networks]
    assert [each.internal for each in joined] == [False]
    others = [spec.proxy.nginx, *(each for item in spec.releases for each in item.containers)]
    assert not [each for each in others if set(each.networks) & set(keeper.networks)]
    [read] = [each for each in spec.proxy.nginx.mounts if each.target.endswith("certificates")]
    assert read.read_only
    assert spec.images["certificates"] == spec.keeper.image.reference
    assert keeper.mounts[1].volume in spec.volumes
    assert keeper.secrets == {"TOKEN": Secret(setting="dns_token")}
    [keeping] = [part for part in parts(spec) if part.component.name == "certificates"]
    assert [each.variable for each in keeping.secrets] == ["TOKEN"]
    assert [each.sealed for each in keeping.containers] == [True]


def test_the_plan_has_all_routes_and_all_gates():
    spec = made(**SERVICES)
    plan = rollout_plan(spec.settings, spec.proxy, parts(spec, later=Kept(data=True)), "dev")
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
