"""Declares whole stacks from settings files, with mocks in place of a deployment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime import mocks, set_all_config, set_mocks, settings

from infra.stack import deploy

ROOT = Path(__file__).parents[2]
CONTAINER = "docker:index/container:Container"


@dataclass(frozen=True)
class Declared:
    """One resource as the program asked for it."""

    type: str
    name: str
    inputs: dict[str, Any]


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Echoes inputs and adds what only a deployment would know."""

    resources: list[Declared] = field(default_factory=list)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.resources.append(Declared(args.typ, args.name, dict(args.inputs)))
        computed = {"number": 1, "value": "generated"} if "dynamic" in args.typ else {}
        return f"{args.name}-id", {**args.inputs, **computed}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        return {}

    def containers(self) -> dict[str, dict[str, Any]]:
        """Inputs of the containers by role or service."""
        found = {}
        for resource in self.resources:
            if resource.type == CONTAINER:
                labels = {label["label"]: label["value"] for label in resource.inputs["labels"]}
                key = labels.get("webstack.service", labels["webstack.role"])
                found.setdefault(key, resource.inputs)
        return found


def settings_of(environment: str) -> dict[str, Any]:
    """The configuration in a stack's settings file, as plain values."""
    text = (ROOT / f"Pulumi.{environment}.yaml").read_text()
    return dict(yaml.safe_load(text)["config"])


Declare = Callable[..., Recorder]


@pytest.fixture(scope="session")
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop of all tests with mocks: the SDK keeps its root resource, which is bound to it."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def declare(
    monkeypatch: pytest.MonkeyPatch, event_loop: asyncio.AbstractEventLoop
) -> Iterator[Declare]:
    """A function that declares the stack of an environment, with some settings changed."""
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: str(ROOT))

    def declare_stack(environment: str = "dev", **changes: Any) -> Recorder:
        recorder = Recorder()
        config = {**settings_of(environment), **{f"webstack:{k}": v for k, v in changes.items()}}
        set_mocks(recorder, project="webstack", stack=environment, preview=False)
        set_all_config({k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()})
        pulumi.runtime.test(deploy)()
        return recorder

    asyncio.set_event_loop(event_loop)  # another test of this process may have taken it away
    yield declare_stack
    settings.reset_options()


@pytest.fixture
def dev_services() -> dict[str, Any]:
    """The services of the dev environment, as its settings file has them."""
    return dict(settings_of("dev")["webstack:services"])
