"""Turns one registration into steps, from the old state that it finds."""

from __future__ import annotations

from typing import Protocol

import msgspec
from msgspec.structs import replace

from webstack.engine.model.errors import PlanError
from webstack.engine.model.goal import Goal
from webstack.engine.model.provider import Diff, PropertyChange
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step
from webstack.engine.model.values import holds_unknown
from webstack.engine.planning import graph, plan
from webstack.engine.providers import calls
from webstack.engine.providers.registry import Providers
from webstack.engine.running.journal import Journal
from webstack.engine.running.run_context import RunContext
from webstack.engine.running.run_registry import RunRegistry


class Applier(Protocol):
    """Carries a step out, or predicts where it leads."""

    def apply(self, step: Step) -> ResourceState:
        """Return the state that the step leads to."""


class StoppedError(Exception):
    """Says that the run has failed or was cancelled. No further step begins."""


class Registered(msgspec.Struct, frozen=True):
    """Holds how a registration ended: the resource's state, and whether it can be relied on."""

    resource: ResourceState
    failed: bool = False
    skipped: bool = False


class Registrar:
    """Plans what a registration asks for and has it carried out."""

    def __init__(
        self,
        registry: RunRegistry,
        journal: Journal,
        providers: Providers,
        applier: Applier,
        context: RunContext,
    ) -> None:
        self._registry = registry
        self._journal = journal
        self._providers = providers
        self._applier = applier
        self._context = context

    def register(self, urn: str, goal: Goal) -> Registered:
        """Bring one resource to what the program declares."""
        old, new = self._found(urn, goal), wanted_state(urn, goal)
        if not self._is_target(new) and self._registry.doomed(urn) is None:
            return self._leave(old, new)
        self._refuse_skipped(new)
        if goal.read_id:
            return self._read(old, new, goal.read_id)
        if is_import(old, goal):
            return self._import(old, new, goal)
        recreating = self._registry.doomed(urn)
        if old is None or old.external or recreating is not None:
            new = self._checked(new, goal, None)
            return self._carry_out(plan.plan_new(new, old, recreating=recreating))
        forced = old.taint or self._context.settings.replaced.includes(urn, named=True)
        new = self._checked(new, goal, None if forced else old)
        return self._change(old, new, goal, self._difference(old, new, goal, forced=forced))

    def _found(self, urn: str, goal: Goal) -> ResourceState | None:
        old = self._journal.old(urn)
        if old is not None:
            return old
        former = self._registry.former(urn, goal)
        if not former:
            return None
        self._journal.rename(former, urn)
        return self._journal.old(former)

    def _checked(self, new: ResourceState, goal: Goal, old: ResourceState | None) -> ResourceState:
        inputs = plan.ignoring(goal.inputs, old.inputs, goal.ignore_changes) if old else goal.inputs
        provider = self._providers.serving(new)
        return replace(new, inputs=calls.check(provider, goal, old, inputs))

    # ---- what exists and is to be changed

    def _difference(
        self, old: ResourceState, new: ResourceState, goal: Goal, *, forced: bool
    ) -> Diff:
        if forced:
            return Diff(
                (PropertyChange("id", "update", replaces=True),), delete_before_replace=True
            )
        for reason, others in (
            ("replaceWith", goal.replace_with),
            ("deletedWith", (goal.deleted_with,)),
        ):
            if self._registry.is_replaced(others):
                return Diff((PropertyChange(reason, "update", replaces=True),))
        if bool(old.provider) != bool(new.provider):
            return Diff((PropertyChange("provider", "update", replaces=True),))
        found = calls.diff(
            self._providers.serving(new),
            old,
            new.inputs,
            ignored=goal.ignore_changes,
            replace_on=goal.replace_on_changes,
        )
        if not self._is_triggered(old, new):
            return found
        trigger = PropertyChange("replacementTrigger", "update", replaces=True)
        return replace(found, changes=(*found.changes, trigger))

    def _is_triggered(self, old: ResourceState, new: ResourceState) -> bool:
        if holds_unknown(new.replacement_trigger) and not self._context.settings.preview:
            raise PlanError(f"replacement trigger contains unknowns for {new.urn}")
        return plan.triggers(old.replacement_trigger, new.replacement_trigger)

    def _change(self, old: ResourceState, new: ResourceState, goal: Goal, diff: Diff) -> Registered:
        doomed: tuple[plan.Doomed, ...] = ()
        if plan.must_replace(old, diff):
            new = self._checked(new, goal, None)
            if plan.deletes_first(goal, diff) or old.pending_replacement:
                doomed = self._doomed(old)
        return self._carry_out(plan.plan_known(old, new, goal, diff, doomed))

    def _doomed(self, root: ResourceState) -> tuple[plan.Doomed, ...]:
        def judge(resource: ResourceState, sources: frozenset[str]) -> tuple[str, ...] | None:
            provider = self._providers.serving(resource)
            return calls.would_replace(provider, resource, sources) if provider else None

        return graph.doomed_by(root, self._journal.leftover(), self._registry.seen(), judge)

    # ---- what exists and is not ours, or not yet

    def _read(self, old: ResourceState | None, new: ResourceState, id_: str) -> Registered:
        new = replace(new, id=id_, external=True)
        if old is None or old.external or old.id == id_:
            return self._carry_out(plan.RegistrationPlan((Step(Op.READ, new.urn, old, new),)))
        give_up = Step(Op.READ_REPLACEMENT, new.urn, old, new, pending_delete=True)
        return self._carry_out(
            plan.RegistrationPlan((give_up, Step(Op.REPLACE, new.urn, old, new)))
        )

    def _import(self, old: ResourceState | None, new: ResourceState, goal: Goal) -> Registered:
        """Read what exists under the given id, then treat it as any known resource."""
        steps = [Step(Op.IMPORT, new.urn, None, new)]
        if old is not None:
            op = Op.IMPORT_REPLACEMENT
            steps = [Step(op, new.urn, old, new, pending_delete=True)]
            steps.append(Step(Op.REPLACE, new.urn, old, new))
        imported = self._carry_out(plan.RegistrationPlan(tuple(steps))).resource
        wanted = self._checked(wanted_state(new.urn, goal), goal, imported)
        diff = self._difference(imported, wanted, goal, forced=False)
        if not diff.changes:
            return Registered(imported)
        return self._carry_out(plan.plan_known(imported, wanted, goal, diff))

    # ---- what the run is not about

    def _is_target(self, new: ResourceState) -> bool:
        settings = self._context.settings
        if settings.targets.includes(new.urn):
            if settings.targets.includes(new.urn, named=True):
                self._registry.target(new.urn)
            return True
        if settings.target_dependents and self._registry.has_targets(new.needs):
            self._registry.target(new.urn)
            return True
        return False

    def _leave(self, old: ResourceState | None, new: ResourceState) -> Registered:
        """Leave a resource out of a targeted run: as it was, or not at all."""
        if old is not None:
            return self._carry_out(plan.RegistrationPlan((Step(Op.SAME, old.urn, old, old),)))
        self._registry.skip(new.urn)
        return Registered(new, skipped=True)

    def _refuse_skipped(self, new: ResourceState) -> None:
        for urn in self._registry.skipped(new.needs):
            raise PlanError(
                f"Resource '{new.urn}' depends on '{urn}' which was was not specified in "
                "--target list. Either include resource in --target list or pass "
                "--target-dependents"
            )

    # ---- carrying out

    def _carry_out(self, planned: plan.RegistrationPlan) -> Registered:
        if planned.problem:
            if not self._context.settings.preview:
                raise PlanError(planned.problem)
            self._context.note_failure(planned.problem, planned.steps[-1].urn)
        resource = planned.steps[-1].resource
        for step in planned.steps:
            if self._context.stopped:
                raise StoppedError
            resource = self._apply(step, resource)
        return Registered(resource)

    def _apply(self, step: Step, resource: ResourceState) -> ResourceState:
        """Carry out one step; returns what the registration has led to so far."""
        if step.old is not None and not step.old.delete:
            # Another step of this plan may have marked the old state meanwhile.
            step = replace(step, old=self._journal.old(step.old.urn) or step.old)
        after = self._applier.apply(step)
        if step.new is None:
            self._registry.doom(step.urn, step.keys)
            return resource
        if step.op is Op.REPLACE:
            self._registry.replace(step.urn)
            return resource
        self._registry.record(after)
        return after


def is_import(old: ResourceState | None, goal: Goal) -> bool:
    """Tell whether a registration takes over something that exists already."""
    if not goal.custom or not goal.import_id:
        return False
    return old is None or old.external or (old.import_id or old.id) != goal.import_id


def wanted_state(urn: str, goal: Goal) -> ResourceState:
    """Return the state that a goal asks for, before any outputs are known."""
    return ResourceState(
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
        custom_timeouts=goal.custom_timeouts,
        import_id=goal.import_id,
        deleted_with=goal.deleted_with,
        replace_with=goal.replace_with,
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
        replacement_trigger=goal.replacement_trigger,
        hooks=goal.hooks,
    )
