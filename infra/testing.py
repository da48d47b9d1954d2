"""Tests what a program declares, before anything is made: this project's programs and yours.

The fixture ``declare`` runs the program with the settings of an environment, some of them changed.
It gives the resources that the program declared. docs/testing.md shows how.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import runpy
from collections.abc import Iterator
from typing import Any, Protocol

import pulumi
import pytest
from pulumi.runtime import mocks, set_all_config, set_mocks
from pulumi.runtime import settings as sdk

from infra import interrupts
from infra.daemon import capacity
from infra.policies import Declared, Policy, StackPolicy
from infra.policies.declared import sealed
from infra.policies.policy import Level
from infra.settings.files import ROOT, settings_of
from infra.settings.reading import PLAIN
from webstack.contract.yaml_settings import as_text

CONTAINER = "docker:index/container:Container"


class Declarations(tuple[Declared, ...]):
    """Holds the resources of one run of the program, in the order of their registration."""

    __slots__ = ()

    def of_type(self, kind: str) -> Declarations:
        """Give the resources of a type, by its full name or its last word: ``Container``."""
        return Declarations(each for each in self if kind in (each.type, each.kind))

    def of_service(self, service: str) -> Declarations:
        """Give the containers of a service.

        The names ``proxy`` and ``holder`` give the containers of the proxy.
        """
        return Declarations(
            each
            for each in self.of_type("Container")
            if service in (each.labels.get("webstack.service"), each.labels.get("webstack.role"))
        )

    def where(self, **properties: Any) -> Declarations:
        """Give the resources with all these properties: ``where(networkMode="none")``."""
        return Declarations(
            each
            for each in self
            if all(each.get(name) == value for name, value in properties.items())
        )

    def named(self, name: str) -> Declared:
        """Give the one resource of a Pulumi name; raises LookupError unless there is just one."""
        found = [each for each in self if each.name == name]
        if len(found) != 1:
            raise LookupError(f"{len(found)} resources are named {name}, of {self.names}")
        return found[0]

    @property
    def names(self) -> list[str]:
        """Give the Pulumi names of all resources."""
        return [each.name for each in self]


class Declare(Protocol):
    """Declares an environment's stack, with settings of ``webstack:`` changed by name."""

    def __call__(self, environment: str = "dev", **changes: Any) -> Declarations:
        """Declare the stack; raises pulumi.RunError as a deployment would."""


def container(name: str = "own", **properties: Any) -> Declared:
    """Make a container that no policy objects to, but for the properties that are given."""
    harmless = {
        "image": f"own@sha256:{'0' * 64}",
        "user": "20000:20000",
        "memory": 64,
        "cpus": "0.5",
        "healthcheck": {"tests": ["CMD", "true"]},
    }
    return Declared(CONTAINER, name, {**harmless, **properties})


def violations(policy: Policy | StackPolicy, *resources: Declared) -> list[str]:
    """Give the reasons why a policy refuses these resources."""
    return [each.reason for each in policy.violations(resources, Level.MANDATORY)]


@pytest.fixture(scope="session")
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give all tests with mocks one event loop, since the SDK's root resource is bound to it.

    The SDK never awaits the futures of refused resources, which asyncio would log as errors.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def declare(
    monkeypatch: pytest.MonkeyPatch,
    event_loop: asyncio.AbstractEventLoop,
) -> Iterator[Declare]:
    """Give a function that declares the stack of an environment, with some settings changed.

    The SDK wraps pickle's method once more for each dynamic resource, until recursion is too deep.
    """
    pickler: Any = pickle._Pickler  # it has no public name
    monkeypatch.setattr(pickler, "_batch_setitems", pickler._batch_setitems)
    # What is declared does not depend on the machine that tests it.
    monkeypatch.setattr(capacity, "of_the_daemon", lambda: None)
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: str(ROOT))
    monkeypatch.setattr(interrupts, "end_quietly", lambda: None)  # that is up to the tests

    def declare_stack(environment: str = "dev", **changes: Any) -> Declarations:
        recorder = _Recorder()
        config = {**settings_of(environment), **{f"webstack:{k}": v for k, v in changes.items()}}
        set_mocks(
            recorder.mocks, project="webstack", stack=environment, preview=False, monitor=recorder
        )
        texts = {key: as_text(value) for key, value in config.items()}
        set_all_config(texts, [key for key in texts if key not in PLAIN])
        pulumi.runtime.test(_run_program)()  # type: ignore[no-untyped-call]
        return Declarations(recorder.declared)

    asyncio.set_event_loop(event_loop)  # another test of this process may have taken it away
    yield declare_stack
    sdk.reset_options()


def _run_program() -> None:
    """Run the project's program: the stack, and what its owner declares beside it."""
    runpy.run_path(str(ROOT / "infra" / "__main__.py"), run_name="__main__")


class _Recorder(mocks.MockMonitor):
    """Stands in for an engine, and writes down what it is asked for."""

    def __init__(self) -> None:
        super().__init__(_Echo())
        self.declared: list[Declared] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        if request.type != "pulumi:pulumi:Stack":
            self.declared.append(Declared.requested(request))
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        for name in request.additionalSecretOutputs:
            if name in response.object:
                response.object[name] = sealed(response.object[name])
        return response


class _Echo(pulumi.runtime.Mocks):
    """Gives inputs back as outputs, and adds what only a deployment would know."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        computed = {"number": 1, "value": "generated"} if "dynamic" in args.typ else {}
        return f"{args.name}-id", {**args.inputs, **computed}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        return {}, None
