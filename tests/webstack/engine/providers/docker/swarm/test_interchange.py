"""A program of services, run by the engine and by the Pulumi CLI in turn."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.swarm import one_node_swarm
from tests.webstack.engine.providers.docker.test_interchange import Stack, plain_outputs
from tests.webstack.engine.providers.docker.test_on_docker import (
    api,  # noqa: F401 - a fixture
    base,  # noqa: F401 - a fixture
)
from webstack.engine.providers.docker.client.api import filters

pytestmark = [
    pytest.mark.docker,
    pytest.mark.cli,
    pytest.mark.swarm,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="no Pulumi CLI on PATH"),
]

PROGRAM = """
import os
import pulumi
import pulumi_docker as docker

config = pulumi.Config()
prefix, base = os.environ["PREFIX"], os.environ["BASE"]
mode = config.get("mode") or "plain"
net = docker.Network("net", name=f"{prefix}-net", driver="overlay", attachable=True,
    options={"encrypted": ""}, opts=pulumi.ResourceOptions(ignore_changes=["options"]))
conf = docker.ServiceConfig("wsprov-conf", data_raw=f"mode = {mode}\\n")
token = config.require_secret("token")
sec = docker.Secret("wsprov-sec", data=token.apply(lambda text: "aHVzaA=="))
small = docker.Service("wsprov-small", task_spec={"container_spec": {
    "image": base, "commands": ["/bin/sh", "-c", "exec sleep 1000"]}})
agent = docker.Service("agent", name=f"{prefix}-agent", mode={"global_": True},
    endpoint_spec={"mode": "dnsrr", "ports": [
        {"target_port": 9000, "published_port": 19000, "publish_mode": "host"}]},
    task_spec={"container_spec": {"image": base, "commands": ["/bin/sh", "-c", "exec sleep 1000"]},
        "networks_advanceds": [{"id": net.id}]})
web = docker.Service("web", name=f"{prefix}-web",
    labels=[{"label": "z", "value": "1"}, {"label": "a", "value": "2"}],
    mode={"replicated": {"replicas": 1}}, converge_config={"delay": "1s", "timeout": "60s"},
    update_config={"order": "start-first", "monitor": "100ms", "max_failure_ratio": "0.5"},
    endpoint_spec={"mode": "dnsrr"},
    task_spec={
        "container_spec": {
            "image": base, "commands": ["/bin/sh", "-c"], "args": ["exec sleep 1000"],
            "env": {"B": mode, "A": "1", "TOKEN": token},
            "user": "1000:1000", "read_only": True, "init": True, "stop_grace_period": "90s",
            "stop_signal": "SIGKILL", "cap_drops": ["ALL"],
            "sysctl": {"net.core.somaxconn": "512"},
            "labels": [{"label": "t", "value": "1"}], "hosts": [{"host": "db", "ip": "10.0.0.3"}],
            "healthcheck": {
                "tests": ["CMD", "/bin/cat", "/run/token", "/a.ini"], "interval": "500ms"},
            "mounts": [
                {"target": "/m", "type": "tmpfs", "tmpfs_options": {"size_bytes": 4096}},
                {"target": "/share", "type": "bind", "source": "/usr/share", "read_only": True,
                    "bind_options": {}}],
            "secrets": [{"secret_id": sec.id, "secret_name": sec.name, "file_name": "/run/token",
                         "file_uid": "1000", "file_mode": 0o400}],
            "configs": [{"config_id": conf.id, "config_name": conf.name, "file_name": "/a.ini"}]},
        "resources": {"limits": {"memory_bytes": 67108864}},
        "restart_policy": {"condition": "on-failure"},
        "placement": {"constraints": ["node.role==manager"]},
        "networks_advanceds": [{"id": net.id, "aliases": ["www", "web"]}],
        "log_driver": {"name": "json-file"}})
pulumi.export("id", web.id)
"""


@pytest.fixture(scope="module", autouse=True)
def swarm(api):  # noqa: F811 - the fixture
    with one_node_swarm(api):
        yield


@pytest.fixture
def stack(tmp_path, base):  # noqa: F811 - the fixture
    stack = Stack(tmp_path, base, PROGRAM)
    yield stack
    stack.engine("destroy")


def tasks(api, stack):  # noqa: F811 - the fixture
    told = api.call("GET", "/tasks", query=filters(service=f"{stack.prefix}-web"))
    return {task["ID"] for task in told}


def test_the_cli_finds_nothing_to_change_after_the_engine(stack, api):  # noqa: F811
    """The CLI also finds none after a change that the engine made, and no task starts anew."""
    stack.engine("up")
    stack.engine("up", "--expect-no-changes")
    first = tasks(api, stack)
    stack.cli("preview", "--expect-no-changes", "--diff")
    stack.set("fancy")
    stack.engine("up")
    second = tasks(api, stack)
    assert second > first
    stack.engine("refresh", "--expect-no-changes")
    stack.cli("up", "--expect-no-changes", "--yes", "--skip-preview")
    stack.set("plain")
    stack.cli("up", "--yes", "--skip-preview")
    stack.engine("preview", "--expect-no-changes")
    third = tasks(api, stack)
    stack.engine("refresh", "--expect-no-changes")
    assert tasks(api, stack) == third > second
    stack.cli("destroy", "--yes", "--skip-preview")
    assert api.call("GET", "/services") == []
    assert "hush" not in json.dumps(stack.resources())


def test_both_record_the_same(stack):
    """Inputs, and every output that is not a new one each time."""
    stack.cli("up", "--yes", "--skip-preview")
    theirs = stack.resources()
    stack.engine("preview", "--expect-no-changes")
    stack.engine("destroy")
    stack.engine("up")
    ours = stack.resources()

    for name, resource in theirs.items():
        assert set(plain_outputs(resource)) == set(plain_outputs(ours[name])), name
        if name in ("web", "agent"):
            assert keys(resource["outputs"]["taskSpec"]) == keys(ours[name]["outputs"]["taskSpec"])


def keys(value):
    """Give the names of all properties in a value; what is empty is spelt in several ways."""
    if isinstance(value, dict) and "ciphertext" not in value:
        return {key: keys(item) for key, item in value.items()} or None
    if isinstance(value, list):
        return sorted((keys(item) for item in value), key=repr) or None
    return None
