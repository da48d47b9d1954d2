"""One run of a program against one state: registrations in, steps out, deletions at the end."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from . import graph, plan
from . import provider_calls as calls
from . import urn as urns
from .errors import EngineError, PlanError
from .events import Diagnostic, Observer
from .execute import StepFailedError
from .goal import Goal, former_urns
from .journal import Journal
from .provider import Change, Diff, ProviderError
from .providers import Providers
from .state import Resource
from .steps import Op, Step
from .targets import Targets


class Applier(Protocol):
    """Carries a step out, or foresees where it leads."""

    def apply(self, step: Step) -> Resource:
        """Give the state that the step leads to."""


class StoppedError(Exception):
    """The run has failed or was cancelled; no further step begins."""


@dataclass(frozen=True)
class Settings:
    """What a run is for, and the options that steer its decisions."""

    stack: str
    project: str
    preview: bool
    targets: Targets = field(default_factory=Targets)
    replaced: Targets = field(default_factory=Targets)
    continue_on_error: bool = False


@dataclass(frozen=True)
class Registered:
    """How a registration ended: the state of the resource, and whether it may be relied on."""

    resource: Resource
    failed: bool = False
    skipped: bool = False


class Deployment:
    """Decides on registrations as they come, many at once, and remembers what the run has seen."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        providers: Providers,
        applier: Applier,
        observe: Observer,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._providers = providers
        self._applier = applier
        self._observe = observe
        self._lock = threading.RLock()
        self._goals: dict[str, Goal] = {}
        self._former: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._registered: dict[str, Resource] = {}
        self._doomed: dict[str, tuple[str, ...]] = {}
        self._replaced: set[str] = set()
        self._skipped: set[str] = set()
        self._broken: set[str] = set()
        self._stop = threading.Event()
        self.failed = False
        self.stack_outputs: Mapping[str, Any] | None = None
        for resource in journal.leftover():
            if resource.is_provider:
                providers.configure(resource)

    @property
    def stopped(self) -> bool:
        """Whether no further step may begin."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Let running steps finish and begin no more."""
        self._stop.set()

    def fail(self, message: str = "", urn: str = "") -> None:
        """Record that the run has failed; say why, unless that has been said."""
        self.failed = True
        if message:
            self._observe(Diagnostic("error", message, urn))
        if not self._settings.continue_on_error:
            self.stop()

    def require(self, type_: str) -> None:
        """Refuse a resource type that nothing here serves."""
        self._providers.require(type_)

    def register(self, goal: Goal) -> Registered:
        """Bring one resource to what the program declares; raises StoppedError."""
        if self.stopped:
            raise StoppedError
        goal = self._inheriting(goal)
        settings = self._settings
        urn = urns.create(settings.stack, settings.project, goal.parent, goal.type, goal.name)
        self._begin(urn, goal)
        try:
            if self._needs_broken(urn, goal):
                return Registered(_state(urn, goal), failed=True)
            return self._bring_about(urn, goal)
        except StepFailedError:
            self.fail()
        except (EngineError, ProviderError) as error:
            self.fail(str(error), urn)
        if not settings.continue_on_error:
            raise StoppedError
        with self._lock:
            self._broken.add(urn)
        return Registered(_state(urn, goal), failed=True)

    def register_outputs(self, urn: str, outputs: Mapping[str, Any]) -> None:
        """Take the outputs of a component, once its program has computed them."""
        if urns.type_of(urn) == urns.STACK_TYPE:
            self.stack_outputs = dict(outputs)
            return
        self._set_outputs(urn, outputs)

    def finish_stack(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Settle the stack's outputs; gives those before and after.

        A run that failed may not have come to all of them: then old ones stay.
        """
        urn = urns.stack_urn(self._settings.stack, self._settings.project)
        stack = self.registered(urn)
        if stack is None:
            return {}, {}
        old, new = stack.outputs, self.stack_outputs or {}
        if self.failed or self.stopped:
            new = {**old, **new}
        self._set_outputs(urn, new)
        return old, new

    def _set_outputs(self, urn: str, outputs: Mapping[str, Any]) -> None:
        with self._lock:
            resource = self._registered.get(urn)
        if resource is None or urn in self._skipped:
            return
        changed = replace(resource, outputs=dict(outputs))
        if changed.outputs == resource.outputs:
            return
        self._journal.end(None, swap={resource: changed})
        with self._lock:
            self._registered[urn] = changed

    def registered(self, urn: str) -> Resource | None:
        """Give a resource of this run."""
        with self._lock:
            return self._registered.get(urn)

    @property
    def broken(self) -> frozenset[str]:
        """URNs that failed, or were left out because something they need did."""
        with self._lock:
            return frozenset(self._broken)

    def is_target(self, urn: str) -> bool:
        """Tell whether the run may change a resource."""
        return self._settings.targets.includes(urn)

    def seen(self, urn: str) -> bool:
        """Tell whether the run has dealt with a URN, or with its new name."""
        with self._lock:
            return urn in self._goals or urn in self._taken

    # ---- one registration

    def _inheriting(self, goal: Goal) -> Goal:
        with self._lock:
            parent = self._goals.get(goal.parent)
        if parent is None:
            return goal
        retain = goal.retain_on_delete
        return replace(
            goal,
            protect=parent.protect if goal.protect is None else goal.protect,
            retain_on_delete=parent.retain_on_delete if retain is None else retain,
            deleted_with=goal.deleted_with or parent.deleted_with,
        )

    def _begin(self, urn: str, goal: Goal) -> None:
        with self._lock:
            if urn in self._goals:
                self.fail(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
                raise StoppedError
            self._goals[urn] = goal

    def _needs_broken(self, urn: str, goal: Goal) -> bool:
        with self._lock:
            broken = not self._broken.isdisjoint(_state(urn, goal).needs)
            if broken:
                self._broken.add(urn)
            return broken

    def _bring_about(self, urn: str, goal: Goal) -> Registered:
        old = self._find(urn, goal)
        new = _state(urn, goal, alias=self._former.get(urn, ""))
        if not self.is_target(urn):
            return self._leave(old, new)
        provider = self._providers.serving(new)
        recreating = self._doomed.get(urn)
        known = old is not None and not old.external and recreating is None
        inputs = plan.ignoring(new.inputs, old.inputs, goal.ignore_changes) if old else new.inputs
        forced = known and self._settings.replaced.includes(urn, named=True)
        base = old if known and not forced else None
        new = replace(new, inputs=calls.check(provider, goal, base, inputs))
        if old is None or not known:
            return self._carry_out(plan.plan_new(new, old, recreating=recreating))
        return self._change(old, new, goal, self._difference(old, new, goal, forced=forced))

    def _change(self, old: Resource, new: Resource, goal: Goal, diff: Diff) -> Registered:
        doomed: tuple[plan.Doomed, ...] = ()
        if plan.must_replace(old, diff):
            provider = self._providers.serving(new)
            new = replace(new, inputs=calls.check(provider, goal, None, goal.inputs))
            if plan.deletes_first(goal, diff) or old.pending_replacement:
                doomed = self._dooming(old)
        return self._carry_out(plan.plan_known(old, new, goal, diff, doomed))

    def _difference(self, old: Resource, new: Resource, goal: Goal, *, forced: bool) -> Diff:
        if forced:
            return Diff((Change("id", "update", replaces=True),), delete_before_replace=True)
        with self._lock:
            reason = next(
                (
                    name
                    for name, urn in [
                        *(("replaceWith", urn) for urn in goal.replace_with),
                        ("deletedWith", goal.deleted_with),
                    ]
                    if urn in self._replaced
                ),
                None,
            )
        if reason is not None:
            return Diff((Change(reason, "update", replaces=True),))
        if bool(old.provider) != bool(new.provider) and not goal.is_provider:
            return Diff((Change("provider", "update", replaces=True),))
        return calls.diff(
            self._providers.serving(new),
            old,
            new.inputs,
            ignored=goal.ignore_changes,
            replace_on=goal.replace_on_changes,
        )

    def _dooming(self, root: Resource) -> tuple[plan.Doomed, ...]:
        def judge(resource: Resource, sources: frozenset[str]) -> tuple[str, ...] | None:
            provider = self._providers.serving(resource)
            return calls.would_replace(provider, resource, sources) if provider else None

        with self._lock:
            exempt = self._goals.keys() | self._taken.keys()
            return graph.doomed_by(root, self._journal.leftover(), exempt, judge)

    def _carry_out(self, planned: plan.Plan) -> Registered:
        if planned.problem:
            if not self._settings.preview:
                raise PlanError(planned.problem)
            self.failed = True
            self._observe(Diagnostic("error", planned.problem, planned.steps[-1].urn))
        resource = planned.steps[-1].resource
        for step in planned.steps:
            if self.stopped:
                raise StoppedError
            resource = self._apply(step, resource)
        return Registered(resource)

    def _apply(self, step: Step, resource: Resource) -> Resource:
        """Carry out one step; gives what the registration has led to so far."""
        # A step planned on a resource that another step has marked meanwhile goes on from there.
        if step.old is not None and not step.old.delete:
            step = replace(step, old=self._journal.old(step.old.urn) or step.old)
        after = self._applier.apply(step)
        with self._lock:
            if step.new is None:
                self._doomed[step.urn] = step.keys
            elif step.op is Op.REPLACE:
                self._replaced.add(step.urn)
            else:
                self._registered[step.urn] = after
        return after if step.new is not None and step.op is not Op.REPLACE else resource

    # ---- finding the old state

    def _find(self, urn: str, goal: Goal) -> Resource | None:
        with self._lock:
            found = self._journal.old(urn)
            if found is not None:
                return found
            settings = self._settings
            for former in former_urns(goal, settings.stack, settings.project, self._former):
                old = self._journal.old(former)
                if old is None:
                    continue
                if former in self._taken or former in self._goals:
                    raise PlanError(
                        f"Duplicate resource alias '{former}' applied to resource with URN "
                        f"'{urn}' conflicting with resource with URN '{former}'"
                    )
                self._taken[former] = urn
                self._former[urn] = former
                self._journal.rename(former, urn)
                return old
        return None

    def _leave(self, old: Resource | None, new: Resource) -> Registered:
        """Keep a resource out of a targeted run: as it was, or not at all."""
        if old is not None:
            return self._carry_out(plan.Plan((Step(Op.SAME, old.urn, old, old),)))
        with self._lock:
            self._skipped.add(new.urn)
        return Registered(new, skipped=True)


def _state(urn: str, goal: Goal, alias: str = "") -> Resource:
    """Give the state that a goal asks for, before anything is known of its outcome."""
    return Resource(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=goal.inputs,
        parent=goal.parent,
        provider=goal.provider,
        dependencies=goal.dependencies,
        property_dependencies=goal.property_dependencies,
        protect=bool(goal.protect),
        retain_on_delete=bool(goal.retain_on_delete),
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=(alias,) if alias else (),
        custom_timeouts=goal.custom_timeouts,
        import_id=goal.import_id,
        deleted_with=goal.deleted_with,
        replace_with=goal.replace_with,
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
    )
