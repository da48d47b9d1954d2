"""A role stands as a part in its service's component, and the release starts it."""

from __future__ import annotations

from infra.model.rollout_plan import RoleRelease
from infra.parts.background_role import BackgroundRole
from infra.parts.web_service import WebService
from infra.policies import SecretText
from infra.settings.roles import Role
from infra.testing import Declare
from tests.infra.releases import STACK, made

BEAT = Role(command=("beat",), single=True, health=("ready",), start_timeout=9, grace=7)


def part(role: Role = BEAT) -> BackgroundRole:
    spec = made(shop={"path": "/shop", "data": "/data", "roles": {"beat": role}})
    [release] = spec.releases
    return BackgroundRole(spec.settings, release, release.roles[0])


def test_it_stands_in_the_component_of_its_service():
    beat = part()
    shop = WebService(STACK, "shop", beat.settings, beat.service)
    assert beat.component == shop.component
    assert set(beat.uses) <= {volume.name for volume in shop.volumes}
    assert (beat.image, beat.route, beat.gate) == (None, None, None)
    assert not beat.outlasts_releases
    assert all(each.sealed for each in beat.containers)


def test_the_release_knows_how_it_is_seen_to_run():
    beat = part()
    [container] = beat.containers
    assert beat.role == RoleRelease(
        service="shop",
        role="beat",
        release=beat.spec.id,
        containers={container.container.name: 128},
        health=("ready",),
        single=True,
        start_timeout=9,
        grace=7,
    )


def test_the_plan_has_it_by_its_name_in_the_stack():
    spec = made(shop={"path": "/shop", "roles": {"beat": BEAT}})
    assert list(spec.plan.roles) == ["shop-beat"]
    assert made().plan.roles == {}


def test_it_is_declared_with_the_secrets_of_its_service_and_after_its_image(declare: Declare):
    service = {
        "source": "tests/applications/page",
        "path": "/",
        "secret_environment": {"KEY": {}},
        "roles": {"worker": {"command": ["work"]}},
    }
    found = declare(services={"shop": service})
    [worker] = [each for each in found.of_type("Container") if "-worker-" in each.name]
    assert any(isinstance(line, SecretText) for line in worker.known("envs"))
    assert (worker.get("start"), worker.get("mustRun")) == (False, False)
    order = found.names
    assert order.index("shop") < order.index(worker.name) < order.index("release")
