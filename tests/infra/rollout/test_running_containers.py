"""Every implementation of running containers has all that a release calls."""

from __future__ import annotations

import inspect

import pytest

from infra.daemon.containers import Containers
from infra.daemon.following import Following
from infra.rollout.running_containers import RunningCommand, RunningContainers
from tests.infra.rollout.test_rollout import FakeContainers, FakeFollowing


def asked(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]


def parameters(owner: type, name: str) -> list[tuple[str, object, object]]:
    signature = inspect.signature(getattr(owner, name))
    return [
        (each.name.lstrip("_"), each.kind, each.default) for each in signature.parameters.values()
    ]


@pytest.mark.parametrize(
    ("protocol", "implementations"),
    [
        (RunningContainers, (Containers, FakeContainers)),
        (RunningCommand, (Following, FakeFollowing)),
    ],
)
def test_docker_and_the_tests_world_answer_the_same_questions(
    protocol: type, implementations: tuple[type, ...]
):
    assert asked(protocol)
    for name in asked(protocol):
        wanted = parameters(protocol, name)
        assert [parameters(each, name) for each in implementations] == [wanted, wanted], name
