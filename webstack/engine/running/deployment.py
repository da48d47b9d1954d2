"""Runs one program against one state: registrations come in, steps go out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from webstack.engine.model import urn as urns
from webstack.engine.model.errors import BackendError, EngineError
from webstack.engine.model.events import Diagnostic, Observer
from webstack.engine.model.goal import Goal
from webstack.engine.model.provider import ProviderError
from webstack.engine.model.state import ResourceState
from webstack.engine.providers.registry import Providers
from webstack.engine.running.executor import StepFailedError
from webstack.engine.running.journal import Journal
from webstack.engine.running.registration import (
    Applier,
    Registered,
    Registrar,
    StoppedError,
    wanted_state,
)
from webstack.engine.running.run_context import RunSettings
from webstack.engine.running.run_registry import RunRegistry
from webstack.engine.sdk.hooks import Hooks

__all__ = ["Deployment", "Registered", "StoppedError"]


class Deployment:
    """Takes registrations, many at once, and records whether the run has failed."""

    def __init__(
        self,
        settings: RunSettings,
        journal: Journal,
        providers: Providers,
        applier: Applier,
        observe: Observer,
        hooks: Hooks | None = None,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._providers = providers
        self._observe = observe
        self.hooks = hooks or Hooks(observe, preview=settings.preview)
        self._stop = threading.Event()
        before = journal.leftover()
        self._registry = RunRegistry(
            settings.stack, settings.project, [item.urn for item in before]
        )
        self._registrar = Registrar(self._registry, journal, providers, applier, self)
        self.failed = False
        self.stack_outputs: Mapping[str, Any] | None = None
        for resource in before:
            if resource.is_provider:
                providers.configure(resource)

    @property
    def settings(self) -> RunSettings:
        """Return the settings of the run."""
        return self._settings

    @property
    def stopped(self) -> bool:
        """Tell whether no further step may begin."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Let running steps finish and begin no other."""
        self._stop.set()

    def fail(self, message: str = "", urn: str = "") -> None:
        """Record that the run has failed, and report the reason unless that was done."""
        self.note_failure(message, urn)
        if not self._settings.continue_on_error:
            self.stop()

    def note_failure(self, message: str = "", urn: str = "") -> None:
        """Record that the run has failed, and let it go on as far as it can."""
        self.failed = True
        if message:
            self._observe(Diagnostic("error", message, urn))

    def require(self, type_: str, version: str) -> None:
        """Refuse a resource type, or a version of its package, that nothing here serves."""
        self._providers.require(type_, version)

    def register(self, goal: Goal) -> Registered:
        """Bring one resource to what the program declares; raises StoppedError."""
        if self.stopped:
            raise StoppedError
        goal = self._inheriting(goal)
        settings = self._settings
        urn = urns.create(settings.stack, settings.project, goal.parent, goal.type, goal.name)
        try:
            self._registry.begin(urn, goal)
            if self._registry.broken().isdisjoint(wanted_state(urn, goal).needs):
                return self._registrar.register(urn, goal)
        except StepFailedError:
            self.fail()
        except BackendError as error:  # whichever resource meets it
            self.fail(str(error))
        except (EngineError, ProviderError) as error:
            self.fail(str(error), urn)
        if not settings.continue_on_error:
            raise StoppedError
        self._registry.break_(urn)
        return Registered(wanted_state(urn, goal), failed=True)

    def register_outputs(self, urn: str, outputs: Mapping[str, Any]) -> None:
        """Record the outputs of a component when its program has computed them."""
        if urns.type_of(urn) == urns.STACK_TYPE:
            self.stack_outputs = dict(outputs)
            return
        self._set_outputs(urn, outputs)
        component = self._registry.registered(urn)
        if component is None:
            return
        try:
            self.hooks.completed(component)
        except ProviderError as error:
            self.fail(str(error), urn)

    def finish_stack(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Record the stack's outputs; returns those before and after.

        A run that failed may not have come to all of them: then old ones stay.
        """
        urn = urns.stack_urn(self._settings.stack, self._settings.project)
        stack = self._registry.registered(urn)
        if stack is None:
            return {}, {}
        old, new = stack.outputs, self.stack_outputs or {}
        if self.failed or self.stopped:
            new = {**old, **new}
        self._set_outputs(urn, new)
        return old, new

    def registered(self, urn: str) -> ResourceState | None:
        """Return a resource that this run has registered, None without one."""
        return self._registry.registered(urn)

    def unwanted(self) -> tuple[ResourceState, ...]:
        """Return what the program no longer declares, and old halves of replacements."""
        seen = self._registry.seen()
        return tuple(
            resource
            for resource in self._journal.leftover()
            if resource.delete or resource.urn not in seen
        )

    @property
    def broken(self) -> frozenset[str]:
        """Return the URNs that failed, or were left out because something they need failed."""
        return self._registry.broken()

    def _inheriting(self, goal: Goal) -> Goal:
        parent = self._registry.goal(goal.parent)
        if parent is None:
            return goal
        retain = goal.retain_on_delete
        return replace(
            goal,
            protect=parent.protect if goal.protect is None else goal.protect,
            retain_on_delete=parent.retain_on_delete if retain is None else retain,
            deleted_with=goal.deleted_with or parent.deleted_with,
        )

    def _set_outputs(self, urn: str, outputs: Mapping[str, Any]) -> None:
        resource = self._registry.registered(urn)
        if resource is None:
            return
        changed = replace(resource, outputs=dict(outputs))
        if changed.outputs != resource.outputs:
            self._journal.end(None, swap={resource: changed})
            self._registry.record(changed)
