"""Carries out steps of a preview: predicts the state that each step would lead to."""

from __future__ import annotations

from msgspec.structs import replace

from webstack.engine.model.events import Diagnostic, Observer, StepDone, StepFailed, StepStarted
from webstack.engine.model.provider import UNKNOWN, ProviderError
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step
from webstack.engine.providers import calls
from webstack.engine.providers.registry import Providers
from webstack.engine.running.executor import (
    LOOKING,
    StepFailedError,
    after,
    aside,
    kept_state,
    looked_at,
)
from webstack.engine.running.journal import Journal
from webstack.engine.sdk.hooks import Hooks

_MAKING = (Op.CREATE, Op.CREATE_REPLACEMENT)


class PreviewExecutor:
    """Replaces the executor in a preview: same journal, nothing saved, nothing changed."""

    def __init__(
        self,
        journal: Journal,
        providers: Providers,
        observe: Observer,
        hooks: Hooks | None = None,
    ) -> None:
        self._hooks = hooks or Hooks(observe, preview=True)
        self._journal = journal
        self._providers = providers
        self._observe = observe

    def apply(self, step: Step) -> ResourceState:
        """Return the state that a step would lead to."""
        self._observe(StepStarted(step, preview=True))
        try:
            self._hooks.before(step)
            resource = self._foreseen(step)
        except ProviderError as error:
            self._observe(StepFailed(step, 0))
            self._observe(Diagnostic("error", str(error), step.urn))
            raise StepFailedError(str(error)) from error
        done = replace(step, new=resource) if step.new is not None else step
        self._observe(StepDone(done, preview=True, seconds=0))
        after(self._hooks, step, resource, self._observe)
        return resource

    def _foreseen(self, step: Step) -> ResourceState:
        resource, old = step.resource, step.old
        if step.op is Op.REPLACE:
            return resource
        if step.new is None:
            self._gone(step)
            return resource
        if step.op is Op.SAME and old is not None:
            resource = kept_state(old, resource)
        elif step.op in LOOKING:
            resource = self._looked_at(step)
        else:
            resource = self._outlook(step)
        drop, swap = aside(step)
        self._journal.end(None, put=resource, drop=drop, swap=swap, changed=resource is not old)
        if resource.is_provider:
            self._providers.configure(resource)
        return resource

    def _looked_at(self, step: Step) -> ResourceState:
        provider = self._providers.serving(step.resource)
        assert provider is not None, "only custom resources are read"  # noqa: S101
        return looked_at(step, provider)

    def _outlook(self, step: Step) -> ResourceState:
        new, old = step.resource, step.old
        if step.op in _MAKING or old is None:
            known = replace(new, id=UNKNOWN if new.custom else "")
            before = None
        else:
            known = replace(new, id=old.id, created=old.created, modified=old.modified)
            before = old
        if not new.custom and before is not None:
            return replace(known, outputs=before.outputs)
        provider = self._providers.serving(known)
        return replace(known, outputs=calls.planned_outputs(provider, known, before))

    def _gone(self, step: Step) -> None:
        old = step.resource
        if step.pending_replacement:
            self._journal.end(None, swap={old: replace(old, pending_replacement=True)})
        else:
            self._journal.end(None, drop=[old])
