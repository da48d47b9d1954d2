"""Whole projects on disk for tests: a program, its settings and its state folder."""

from __future__ import annotations

import textwrap
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import webstack.engine.running.session
from tests.webstack.engine.world import World
from webstack.engine.operations import operations, stacks
from webstack.engine.operations.operations import Project, RunOptions, RunResult
from webstack.engine.providers.registry import factories

PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": "x"}
THINGS = """
import pulumi

class Thing(pulumi.CustomResource):
    made: pulumi.Output[str]
    name: pulumi.Output[str]

    def __init__(self, resource_name, opts=None, **inputs):
        properties = {"made": None, "name": resource_name, **inputs}
        super().__init__("fake:index:Thing", resource_name, properties, opts)

class Part(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("shop:app:Part", name, inputs, opts)
"""


@dataclass
class Shop:
    """A project named shop with a stack named dev."""

    root: Path
    world: World
    environ: dict[str, str] = field(default_factory=lambda: dict(PASSPHRASE))

    @property
    def project(self) -> Project:
        return Project.load(self.root, self.environ)

    def program(self, text: str) -> Shop:
        (self.root / "__main__.py").write_text(THINGS + textwrap.dedent(text))
        return self

    def run(self, operation: str, options: RunOptions | None = None, **more: Any) -> RunResult:
        with self.served():
            call = getattr(operations, operation)
            return call(self.project, "dev", options or RunOptions(), **more)

    @contextmanager
    def served(self):
        """Let the package fake be served by the world."""
        before = webstack.engine.running.session.factories

        def with_fake(project):
            return {**factories(project), "fake": lambda _config: self.world}

        webstack.engine.running.session.factories = with_fake
        try:
            yield
        finally:
            webstack.engine.running.session.factories = before

    @property
    def state_file(self) -> Path:
        return self.root / ".state/.pulumi/stacks/shop/dev.json"


def shop(root: Path, text: str = "", settings: str = "", world: World | None = None) -> Shop:
    """Make the project; its passphrase is the letter x."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "Pulumi.yaml").write_text(
        "name: shop\nruntime: python\nbackend:\n  url: file://.state\n"
    )
    # The key of the recordings, so that it is derived once in a test run.
    salt = "v1:6iL2SzWpjdY=:v1:SUiEVuEzt00VnIDl:NDAVsqUP36adopYGaaI+BxPneCqfoA=="
    (root / "Pulumi.dev.yaml").write_text(f"encryptionsalt: {salt}\n{textwrap.dedent(settings)}")
    made = Shop(root, world or World(root / "world"))
    made.program(text)
    if not made.state_file.exists():
        stacks.init(made.project, "dev")
    return made
