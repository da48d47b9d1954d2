from __future__ import annotations

import copy

import pytest

from webstack.engine.providers.docker.swarm.live import fitted, in_order_of
from webstack.engine.providers.docker.swarm.request import service_body

LIVE = {
    "Name": "web",
    "Labels": {"by": "hand"},
    "TaskTemplate": {
        "ContainerSpec": {
            "Image": "app:1",
            "Env": ["B=2", "A=1"],
            "Init": False,
            "StopGracePeriod": 0,
            "Healthcheck": {"Test": ["NONE"]},
            "DNSConfig": {"Nameservers": ["10.0.0.1"]},
            "Isolation": "default",
        },
        "Resources": {"Limits": {"MemoryBytes": 4194304}},
        "RestartPolicy": {"Condition": "any", "MaxAttempts": 0},
        "Placement": {"Constraints": ["node.role==manager"]},
        "ForceUpdate": 3,
        "Runtime": "container",
    },
    "Mode": {"Replicated": {"Replicas": 4}},
    "EndpointSpec": {"Mode": "dnsrr"},
}
INPUTS = {
    "name": "web",
    "taskSpec": {
        "containerSpec": {"image": "app:1", "env": {"A": "1", "B": "2"}, "isolation": "default"}
    },
}


def update(inputs=INPUTS, live=LIVE):
    return fitted(service_body(inputs), inputs, live)


def changed(**container):
    inputs = copy.deepcopy(INPUTS)
    inputs["taskSpec"]["containerSpec"].update(container)
    return inputs


def test_the_same_program_is_the_same_specification():
    """Docker starts every task anew for a difference in nothing but the order of variables."""
    assert update() == LIVE


def test_another_value_of_one_variable_changes_it_alone():
    body = update(changed(env={"A": "1", "B": "3"}))

    assert body["TaskTemplate"]["ContainerSpec"]["Env"] == ["A=1", "B=3"]
    body["TaskTemplate"]["ContainerSpec"]["Env"] = ["B=2", "A=1"]
    assert body == LIVE


@pytest.mark.parametrize(
    ("inputs", "path", "value"),
    [
        ({**INPUTS, "labels": []}, ("Labels",), {}),
        (
            {**INPUTS, "mode": {"replicated": {"replicas": 2}}},
            ("Mode",),
            {"Replicated": {"Replicas": 2}},
        ),
        ({**INPUTS, "endpointSpec": {"mode": "vip"}}, ("EndpointSpec",), {"Mode": "vip"}),
        (changed(init=True), ("TaskTemplate", "ContainerSpec", "Init"), True),
        (changed(stopGracePeriod="2s"), ("TaskTemplate", "ContainerSpec", "StopGracePeriod"), 2e9),
        (
            changed(dnsConfig={"nameservers": []}),
            ("TaskTemplate", "ContainerSpec", "DNSConfig"),
            {},
        ),
    ],
)
def test_what_the_program_says_wins_over_what_runs(inputs, path, value):
    place = update(inputs)
    for step in path:
        place = place[step]
    assert place == value


def test_ports_keep_the_way_in_which_a_service_is_found():
    inputs = {**INPUTS, "endpointSpec": {"ports": [{"targetPort": 80, "publishMode": "host"}]}}

    assert update(inputs)["EndpointSpec"] == {
        "Mode": "dnsrr",
        "Ports": [{"TargetPort": 80, "PublishMode": "host"}],
    }


def test_what_neither_says_is_not_sent():
    live = {**LIVE, "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}}, "EndpointSpec": {}}

    task = update(live=live)["TaskTemplate"]

    assert task.keys() == {"ContainerSpec"}
    assert "Healthcheck" not in task["ContainerSpec"]


def test_arguments_keep_their_order_and_sets_that_of_what_runs():
    mounts = [{"Type": "tmpfs", "Target": "/a"}, {"Type": "tmpfs", "Target": "/b"}]
    networks = [{"Target": "n", "Aliases": ["www", "web"]}]
    live = {"Args": ["b", "a"], "Mounts": mounts[::-1], "Networks": networks}
    new = {
        "Args": ["a", "b"],
        "Mounts": mounts,
        "Networks": [{"Target": "n", "Aliases": ["web", "www"]}],
    }

    assert in_order_of(new, live) == {**live, "Args": ["a", "b"]}


def test_what_is_spelt_out_as_empty_is_the_same():
    """Docker answers without what is empty, and the provider sends it."""
    live = {"Mounts": [{"Type": "volume", "VolumeOptions": {"DriverConfig": {}}}]}
    new = {"Mounts": [{"Type": "volume", "ReadOnly": False, "VolumeOptions": {}}]}

    assert in_order_of(new, live) == live
