"""Run the engine without a program: goals in, state and steps out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.webstack.engine.world import World
from webstack.engine.model import urn as urns
from webstack.engine.model.events import Diagnostic, Event, StepDone
from webstack.engine.model.goal import Goal
from webstack.engine.model.state import ResourceState, Snapshot
from webstack.engine.model.steps import Step
from webstack.engine.model.targets import Targets
from webstack.engine.providers.registry import Providers
from webstack.engine.running.deletions import Deletions, protected, spare
from webstack.engine.running.deployment import Deployment
from webstack.engine.running.executor import Executor
from webstack.engine.running.journal import Journal
from webstack.engine.running.preview_executor import PreviewExecutor
from webstack.engine.running.registration import StoppedError
from webstack.engine.running.run_context import RunSettings

STACK, PROJECT = "dev", "shop"
ROOT = urns.stack_urn(STACK, PROJECT)
PROVIDER = f"urn:pulumi:{STACK}::{PROJECT}::pulumi:providers:fake::default"


@dataclass
class Ran:
    """The results of one run: the state, the steps and the messages."""

    after: Snapshot
    steps: list[Step] = field(default_factory=list)
    said: list[Diagnostic] = field(default_factory=list)
    written: list[Snapshot] = field(default_factory=list)
    failed: bool = False

    @property
    def story(self) -> list[str]:
        """Give the steps as lines, except steps that change nothing and those of the frame."""
        lines = (str(step) for step in self.steps if not step.resource.is_provider)
        return [line for line in lines if not line.startswith("same") and PROJECT not in line]

    @property
    def errors(self) -> str:
        return "\n".join(item.message for item in self.said if item.severity == "error")

    def __getitem__(self, name: str) -> ResourceState:
        found = [item for item in self.after.resources if item.name == name and not item.delete]
        assert len(found) == 1, f"{name}: {found}"
        return found[0]

    def names(self) -> list[str]:
        return sorted(
            item.name
            for item in self.after.resources
            if not item.is_provider and item.type != urns.STACK_TYPE
        )


def thing(name: str, inputs: dict[str, Any] | None = None, **options: Any) -> Goal:
    """Declare a thing named like its resource unless its inputs say otherwise."""
    given = {"name": name, **(inputs or {})}
    given = {key: value for key, value in given.items() if value is not ...}
    goal = Goal("fake:index:Thing", name, custom=True, parent=ROOT, inputs=given)
    return replace(goal, **options)


def component(name: str, **options: Any) -> Goal:
    return replace(Goal("shop:app:Part", name, custom=False, parent=ROOT), **options)


def urn(name: str, parent: str = ROOT, type_: str = "fake:index:Thing") -> str:
    return urns.create(STACK, PROJECT, parent, type_, name)


def depends(*names: str, **by_property: str) -> dict[str, Any]:
    """Give the options of a goal that needs others, as a whole or for single properties."""
    on = tuple(urn(name) for name in (*names, *by_property.values()))
    taken = {key: (urn(name),) for key, name in by_property.items()}
    return {"dependencies": on, "property_dependencies": taken}


def run(
    world: World | Path,
    goals: list[Goal],
    before: Ran | Snapshot | None = None,
    *,
    preview: bool = False,
    targets: tuple[str, ...] = (),
    target_dependents: bool = False,
    replaced: tuple[str, ...] = (),
    continue_on_error: bool = False,
    complete: bool = True,
) -> Ran:
    """Register the goals one after another, then delete what is left over."""
    world = world if isinstance(world, World) else World(world)
    snapshot = before.after if isinstance(before, Ran) else before or Snapshot()
    said: list[Diagnostic] = []
    ran = Ran(snapshot, said=said)

    def observe(event: Event) -> None:
        if isinstance(event, StepDone):
            ran.steps.append(event.step)
        elif isinstance(event, Diagnostic):
            said.append(event)

    journal = Journal(snapshot, None if preview else ran.written.append)
    providers = Providers({"fake": lambda _config: world})
    applier = (
        PreviewExecutor(journal, providers, observe)
        if preview
        else Executor(journal, providers, observe, parallel=4)
    )
    settings = RunSettings(
        STACK,
        PROJECT,
        preview,
        Targets(targets),
        Targets(replaced),
        target_dependents=target_dependents,
        continue_on_error=continue_on_error,
    )
    deployment = Deployment(settings, journal, providers, applier, observe)
    try:
        _register(deployment, goals)
        if complete:
            condemned = deployment.unwanted()
            if targets:
                condemned = tuple(item for item in condemned if settings.targets.includes(item.urn))
            kept = {item.urn for item in protected(condemned)}
            left = spare(condemned, kept | deployment.broken, journal.snapshot().resources)
            deletions = Deletions(applier.apply, observe, lambda: deployment.stopped, 4)
            deployment.failed |= not deletions.run(left) or bool(kept)
    except StoppedError:
        deployment.failed = True
    journal.save()
    ran.after = journal.snapshot()
    ran.failed = deployment.failed
    return ran


def _register(deployment: Deployment, goals: list[Goal]) -> None:
    deployment.register(Goal(urns.STACK_TYPE, f"{PROJECT}-{STACK}", custom=False))
    provider = deployment.register(Goal("pulumi:providers:fake", "default", custom=True, inputs={}))
    for goal in goals:
        if goal.custom and not goal.provider and not goal.is_provider:
            goal = replace(goal, provider=provider.resource.reference)
        deployment.register(goal)
