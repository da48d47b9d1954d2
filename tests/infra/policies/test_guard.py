"""A program that declares what a mandatory policy forbids ends before anything is registered."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_docker as docker
import pytest

from infra import stack as program
from infra import testing
from infra.testing import Declarations, Declare

HARMLESS = dict(testing.container().properties)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the resources that reached the engine."""
    names: list[str] = []
    register = testing._Recorder.RegisterResource

    def noted(self: Any, request: Any) -> Any:
        names.append(request.name)
        return register(self, request)

    monkeypatch.setattr(testing._Recorder, "RegisterResource", noted)
    return names


@pytest.fixture
def declare_with(declare: Declare, monkeypatch: pytest.MonkeyPatch):
    """Declare the dev stack, and one more container beside it."""
    ours = program.declare

    def run(policies: dict[str, str] | None = None, **properties: Any) -> Declarations:
        def and_mine(*arguments: Any) -> None:
            ours(*arguments)
            network = docker.Network("own-network", name="own")
            given = {
                name: value(network) if callable(value) else value
                for name, value in properties.items()
            }
            docker.Container("mine", **{**HARMLESS, **given})

        monkeypatch.setattr(program, "declare", and_mine)
        return declare(policies=policies or {})

    return run


def test_a_container_of_one_s_own_is_declared(declare_with):
    assert declare_with().named("mine").get("user") == "20000:20000"


@pytest.mark.parametrize(
    ("properties", "policy"),
    [
        ({"privileged": True}, "privileged"),
        ({"ports": [{"internal": 80, "external": 8099}]}, "published-port"),
        ({"ports": [docker.ContainerPortArgs(internal=80, external=8099)]}, "published-port"),
        ({"volumes": [{"host_path": "/run/docker.sock", "container_path": "/x"}]}, "socket-mount"),
        ({"capabilities": docker.ContainerCapabilitiesArgs(adds=["ALL"])}, "added-capabilities"),
        ({"envs": lambda net: [net.name, "PASSWORD=hunter2"]}, "plain-secret"),
    ],
)
def test_what_is_known_is_refused_before_anything_is_registered(
    declare_with, registered: list[str], properties: dict[str, Any], policy: str
):
    with pytest.raises(pulumi.RunError, match=rf'{policy}: Container "mine" '):
        declare_with(**properties)
    assert registered == ["webstack-dev"]  # the stack itself


@pytest.mark.parametrize(
    ("properties", "policy"),
    [
        ({"user": lambda net: net.name.apply(lambda _: "root")}, "root-user"),
        ({"envs": lambda net: [pulumi.Output.concat("TOKEN=", net.name)]}, "plain-secret"),
    ],
)
def test_what_is_known_only_later_is_refused_on_its_way(
    declare_with, registered: list[str], properties: dict[str, Any], policy: str
):
    with pytest.raises(pulumi.RunError, match=rf'{policy}: Container "mine" '):
        declare_with(**properties)
    assert "mine" not in registered


def test_what_a_program_declares_before_the_stack_is_refused_too(
    declare: Declare, monkeypatch: pytest.MonkeyPatch, registered: list[str]
):
    deploy = program.deploy

    def before_all() -> None:
        docker.Container("early", **{**HARMLESS, "privileged": True})
        deploy()

    monkeypatch.setattr(program, "deploy", before_all)
    with pytest.raises(pulumi.RunError, match='privileged: Container "early" is privileged'):
        declare()
    assert "early" not in registered


def test_what_a_program_declares_after_the_stack_is_refused_before_anything_is_registered(
    declare: Declare, monkeypatch: pytest.MonkeyPatch, registered: list[str]
):
    deploy = program.deploy

    def after_all() -> None:
        deploy()
        docker.Container("late", **{**HARMLESS, "privileged": True})
        docker.Container("later", **{**HARMLESS, "user": "0"})

    monkeypatch.setattr(program, "deploy", after_all)
    with pytest.raises(pulumi.RunError) as refused:
        declare()
    assert 'privileged: Container "late"' in str(refused.value)
    assert 'root-user: Container "later"' in str(refused.value)
    assert registered == ["webstack-dev"]


def test_a_secret_that_is_known_only_later_is_left_alone(declare_with):
    declare_with(envs=lambda net: [pulumi.Output.secret(net.name).apply(lambda n: f"TOKEN={n}")])


def test_an_advisory_policy_warns_once(declare_with, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    monkeypatch.setattr(pulumi, "warn", said.append)
    assert declare_with({"privileged": "advisory"}, privileged=True).named("mine")
    [warning] = said
    assert warning.startswith('policy privileged: Container "mine" is privileged')


def test_a_policy_that_is_off_says_nothing(declare_with):
    assert declare_with({"privileged": "off"}, privileged=True).named("mine")
