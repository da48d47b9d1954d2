"""A deployment that breaks a policy deploys nothing at all."""

from __future__ import annotations

import pytest

from tests.deployment import Deployment

ADDITION = """

def _mine() -> None:
    import pulumi_docker as docker

    docker.Network("mine", name="NAME", labels=[{"label": "webstack.project", "value": "NAME"}])
    docker.Container("mine", image="nginx", ports=[{"internal": 80, "external": PORT}])
"""


@pytest.mark.docker
def test_a_forbidden_container_of_one_s_own_stops_the_deployment(project: Deployment):
    program = project.root / "infra" / "stack.py"
    addition = ADDITION.replace("NAME", project.project).replace("PORT", str(project.port))
    text = program.read_text() + addition
    called = text.replace(
        "        declare(desired)\n", "        declare(desired)\n        _mine()\n"
    )
    assert called != text
    program.write_text(called)
    for command in (["preview"], ["up", "--yes"]):
        done = project.webstack(*command, check=False)
        assert done.returncode == 1
        assert 'published-port: Container "mine" publishes its port 80 on the host' in (
            done.stdout + done.stderr
        )
    assert project.objects() == set()
