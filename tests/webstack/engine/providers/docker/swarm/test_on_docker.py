"""Services, configurations and secrets in a real swarm of one node, by provider and by engine."""

from __future__ import annotations

import time

import pytest

from tests.swarm import one_node_swarm
from tests.webstack.engine.providers.docker.test_on_docker import (
    CONFIG,
    NETWORK,
    SECRET,
    SERVICE,
    Made,
    api,  # noqa: F401 - a fixture
    base,  # noqa: F401 - a fixture
)
from webstack.engine.model.provider import PartialFailure, ProviderError
from webstack.engine.providers.docker.client.api import filters, inspect

pytestmark = [pytest.mark.docker, pytest.mark.swarm]

CONVERGE = {"timeout": "60s"}
HEALTH = {"tests": ["CMD", "/bin/cat", "/tmp/up"], "interval": "200ms", "retries": 50}


@pytest.fixture(scope="module", autouse=True)
def swarm(api):  # noqa: F811 - the fixture
    with one_node_swarm(api):
        yield


@pytest.fixture
def made(base):  # noqa: F811 - the fixture
    made = Made(base)
    yield made
    made.clean()


def service(made, name, command="exec sleep 1000", *, container=None, task=None, **program):
    spec = {
        "image": made.base, "commands": ["/bin/sh", "-c", command], "stopGracePeriod": "100ms",
        **(container or {}),
    }  # fmt: skip
    return {
        "taskSpec": {"containerSpec": spec, **(task or {})},
        "convergeConfig": CONVERGE,
        **program,
    }


def tasks(api, instance):  # noqa: F811 - the fixture
    """Give the ids of the tasks that run, and how many."""
    told = api.call("GET", "/tasks", query=filters(service=instance.id))
    return {task["ID"] for task in told if task["Status"]["State"] == "running"}


def test_what_was_made_needs_no_change_reads_back_and_goes(made, api):  # noqa: F811
    """An encrypted network, a configuration, a secret and a service with many properties."""
    network = made.make(
        NETWORK, "net", driver="overlay", attachable=True, options={"encrypted": ""},
        labels=[{"label": "a", "value": "1"}],
    )  # fmt: skip
    labels = [{"label": "b", "value": "2"}, {"label": "a", "value": "1"}]
    config = made.make(CONFIG, "conf", dataRaw="hello = 1\n", labels=labels)
    secret = made.make(SECRET, "sec", data="aHVzaA==", labels=labels)
    container = {
        "args": ["unused"], "env": {"B": "2", "A": "1=1"}, "labels": labels, "dir": "/tmp",
        "user": "1000:1000", "groups": ["1000"], "hostname": "web-{{.Task.Slot}}",
        "hosts": [{"host": "db.test", "ip": "10.9.8.7"}], "readOnly": True, "init": True,
        "dnsConfig": {"nameservers": ["10.9.9.9"], "options": ["ndots:1"]},
        "mounts": [{"target": "/data", "type": "tmpfs", "tmpfsOptions": {"mode": 0o1777}}],
        "capDrops": ["ALL"], "stopSignal": "SIGKILL", "sysctl": {"net.core.somaxconn": "512"},
        "secrets": [{
            "secretId": secret[1].id, "secretName": secret[1].outputs["name"],
            "fileName": "/run/secrets/token", "fileUid": "1000", "fileMode": 0o400,
        }],
        "configs": [{
            "configId": config[1].id, "configName": config[1].outputs["name"], "fileName": "/a.ini",
        }],
        "healthcheck": {
            "tests": ["CMD-SHELL", "cat /run/secrets/token /a.ini"], "interval": "500ms",
            "timeout": "90s", "retries": 9,
        },
    }  # fmt: skip
    task = {
        "resources": {"limits": {"memoryBytes": 67108864, "nanoCpus": 500000000}},
        "restartPolicy": {"condition": "on-failure"},
        "placement": {"constraints": ["node.role==manager"], "maxReplicas": 2},
        "networksAdvanceds": [{"id": network[1].id, "aliases": ["www", "web"]}],
        "logDriver": {"name": "json-file", "options": {"max-size": "1m"}},
    }
    web = made.make(
        SERVICE, "web", **service(
            made, "web", container=container, task=task, labels=labels,
            mode={"replicated": {"replicas": 2}},
            updateConfig={"order": "start-first", "maxFailureRatio": "0.25"},
            endpointSpec={"mode": "dnsrr", "ports": [{"targetPort": 80, "publishMode": "host"}]},
        ),
    )  # fmt: skip

    everything = [(NETWORK, *network), (CONFIG, *config), (SECRET, *secret), (SERVICE, *web)]
    for type_, inputs, instance in everything:
        assert (
            made.provider.diff(type_, instance.id, inputs, instance.outputs, inputs).changes == ()
        )
        read = made.provider.read(type_, instance.id, inputs, instance.outputs)
        assert (read.outputs, read.inputs) == (instance.outputs, inputs)
        again = made.provider.find(type_, "x", inputs)
        assert again.id == instance.id
        assert again.inputs == (None if type_ == SECRET else inputs)
    assert len(tasks(api, web[1])) == 2
    for type_, inputs, instance in ((CONFIG, *config), (SECRET, *secret), (NETWORK, *network)):
        with pytest.raises(ProviderError, match=r"in use by .*; Docker changes none in place: "):
            made.delete(type_, instance, inputs)
    for type_, inputs, instance in reversed(everything):
        made.delete(type_, instance, inputs)
        assert made.provider.read(type_, instance.id, inputs, instance.outputs) is None


def test_an_update_starts_anew_what_it_has_to_alone(made, api):  # noqa: F811
    """Nothing for the same program, no old task for more replicas, all for another variable."""
    at_once = {"parallelism": 2, "monitor": "100ms"}
    program = service(made, "web", container={"env": {"B": "2", "A": "1"}}, updateConfig=at_once)
    inputs, instance = made.make(SERVICE, "web", **program)
    first = tasks(api, instance)

    outputs = made.provider.update(SERVICE, instance.id, inputs, instance.outputs, inputs)
    assert tasks(api, instance) == first
    more = made.check(SERVICE, "web", inputs, **program, mode={"replicated": {"replicas": 2}})
    outputs = made.provider.update(SERVICE, instance.id, inputs, outputs, more)
    both = tasks(api, instance)
    assert both > first
    program = service(made, "web", container={"env": {"B": "3", "A": "1"}}, updateConfig=at_once)
    other = made.check(SERVICE, "web", more, **program, mode={"replicated": {"replicas": 2}})
    outputs = made.provider.update(SERVICE, instance.id, more, outputs, other)

    assert tasks(api, instance).isdisjoint(both)
    assert made.provider.diff(SERVICE, instance.id, other, outputs, other).changes == ()
    everywhere = made.check(
        SERVICE, "web", other, **{**program, "mode": {"global": True}, "convergeConfig": None}
    )
    found = made.provider.diff(SERVICE, instance.id, other, outputs, everywhere)
    assert "mode.global" in {change.path for change in found.changes if change.replaces}
    with pytest.raises(ProviderError, match="runs in the other mode"):
        made.provider.update(SERVICE, instance.id, other, outputs, everywhere)


def test_an_update_that_fails_goes_back_and_is_found_again(made, api):  # noqa: F811
    strategy = {"failureAction": "rollback", "monitor": "1s", "order": "start-first"}
    task = {"restartPolicy": {"condition": "none"}}
    program = service(made, "web", task=task, updateConfig=strategy)
    inputs, instance = made.make(SERVICE, "web", **program)
    first = tasks(api, instance)
    bad = service(made, "web", "echo cannot bind; exit 3", task=task, updateConfig=strategy)
    new = made.check(SERVICE, "web", inputs, **bad)

    with pytest.raises(PartialFailure, match="the old tasks run again: ") as failure:
        made.provider.update(SERVICE, instance.id, inputs, instance.outputs, new)

    assert "cannot bind" in str(failure.value)
    assert tasks(api, instance) >= first
    left = failure.value.instance.outputs
    assert made.provider.diff(SERVICE, instance.id, inputs, left, inputs).changes == ()
    assert made.provider.diff(SERVICE, instance.id, inputs, left, new).changes != ()


def test_a_service_that_can_never_run_fails_at_once_and_leaves_nothing(made, api):  # noqa: F811
    began = time.monotonic()

    with pytest.raises(ProviderError, match=r"(?s)starts no other.*non-zero exit \(3\).*sorry"):
        made.make(SERVICE, "web", **service(
            made, "web", "echo sorry; exit 3", container={"healthcheck": HEALTH},
            task={"restartPolicy": {"condition": "none"}},
        ))  # fmt: skip

    assert time.monotonic() - began < 50
    assert inspect(api, f"/services/{made.prefix}-web") is None
