"""Services and roles of the release in force are found by name."""

from __future__ import annotations

import pytest

from webstack.cli.deployments.released import Part, part
from webstack.cli.terminal.errors import OpsError

RELEASE = {
    "services": {"shop": {"replicas": [{"container": "shop-0"}, {"container": "shop-1"}]}},
    "roles": {"shop-beat": {"service": "shop", "role": "beat", "containers": {"shop-beat-0": 1}}},
}


def test_a_service_and_a_role_have_their_containers():
    assert part(RELEASE, "dev", "shop") == Part("shop", "shop", ("shop-0", "shop-1"))
    assert part(RELEASE, "dev", "shop", "beat") == Part("shop-beat", "shop", ("shop-beat-0",))


@pytest.mark.parametrize(
    ("release", "service", "role", "words"),
    [
        ({}, "shop", None, "dev has no release"),
        (RELEASE, "blog", None, "dev has no service blog"),
        (RELEASE, "shop", "worker", "shop has no role worker"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(release, service, role, words):
    with pytest.raises(OpsError, match=words):
        part(release, "dev", service, role)


def test_a_role_is_known_by_the_name_that_status_shows():
    assert part(RELEASE, "dev", "shop-beat") == Part("shop-beat", "shop", ("shop-beat-0",))
