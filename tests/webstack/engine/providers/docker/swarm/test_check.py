from __future__ import annotations

import pytest

from webstack.engine.model.provider import ProviderError
from webstack.engine.providers.docker.swarm.service import ServiceResource

TASK = {"containerSpec": {"image": "app"}}
ON_HOST = {"ports": [{"targetPort": 80, "publishedPort": 80, "publishMode": "host"}]}

GENERIC = {"genericResources": {"discreteResourcesSpecs": ["gpu"]}}


def check(**program):
    return ServiceResource().check("web", None, {"taskSpec": TASK, **program})


def inside(**container):
    return {"taskSpec": {"containerSpec": {"image": "app", **container}}}


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ({"mode": {"global": True, "replicated": {}}}, "mode.replicated exclude each other"),
        ({"mode": {"global": True}, "convergeConfig": {}}, "convergeConfig waits for replicas"),
        (
            inside(secrets=[{"secretId": "x", "fileName": "token"}]),
            r"secrets\[0\].secretName is missing",
        ),
        (
            inside(configs=[{"configId": "x", "fileName": "/a"}]),
            r"configs\[0\].configName is missing",
        ),
        ({"taskSpec": {**TASK, "networksAdvanceds": [{"aliases": ["a"]}]}}, r"\[0\].id is missing"),
        (
            {
                "mode": {"global": True},
                "endpointSpec": ON_HOST,
                "updateConfig": {"order": "start-first"},
            },
            "would wait for ever",
        ),
        ({"updateConfig": {"maxFailureRatio": "1.5"}}, "must be a ratio from 0.0 to 1.0"),
        ({"rollbackConfig": {"failureAction": "rollback"}}, "must be one of pause, continue"),
        (inside(stopGracePeriod="2"), "must be a duration"),
        (inside(ulimits=[]), "property taskSpec.containerSpec.ulimits is not supported"),
        (
            {"taskSpec": {**TASK, "resources": {"reservation": GENERIC}}},
            "a kind and a value such as gpu=2",
        ),
    ],
)  # fmt: skip
def test_what_could_never_run_is_refused_by_name(program, words):
    with pytest.raises(ProviderError, match=words) as refused:
        check(**program)

    assert str(refused.value).startswith('docker service "web": ')
    assert "\n" not in str(refused.value)


def test_replicas_start_first_with_a_port_of_the_host():
    """On several nodes there is one that has it free."""
    program = {"endpointSpec": ON_HOST, "updateConfig": {"order": "start-first"}}

    assert check(**program)["updateConfig"]["order"] == "start-first"


def test_all_problems_are_told_at_once():
    with pytest.raises(ProviderError, match="exclude each other; convergeConfig"):
        check(mode={"global": True, "replicated": {}}, convergeConfig={})
