"""Carries out steps: calls the provider, and saves the state before and after.

Nothing is decided here; a step that fails leaves the state as far as the work has come.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial

from msgspec.structs import replace

from webstack.engine.model.errors import EngineError
from webstack.engine.model.events import Diagnostic, Observer, StepDone, StepFailed, StepStarted
from webstack.engine.model.provider import Instance, PartialFailure, Provider, ProviderError
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step
from webstack.engine.providers import calls
from webstack.engine.providers.registry import Providers
from webstack.engine.providers.reporting import heard_by
from webstack.engine.running.journal import Journal
from webstack.engine.sdk.hooks import Hooks
from webstack.engine.storage.checkpoint import now

LOOKING = frozenset({Op.READ, Op.READ_REPLACEMENT, Op.IMPORT, Op.IMPORT_REPLACEMENT})


class StepFailedError(Exception):
    """Says that a step failed. Its reason has been reported to the observer."""


class Executor:
    """Carries out steps, with at most ``parallel`` provider calls at once."""

    def __init__(
        self,
        journal: Journal,
        providers: Providers,
        observe: Observer,
        parallel: int,
        hooks: Hooks | None = None,
    ) -> None:
        self._journal = journal
        self._providers = providers
        self._observe = observe
        self._hooks = hooks or Hooks(observe, preview=False)
        self._slots = threading.BoundedSemaphore(max(1, parallel))

    def apply(self, step: Step) -> ResourceState:
        """Carry out a step and return the state it leads to; raises StepFailedError."""
        self._observe(StepStarted(step, preview=False))
        began = time.monotonic()
        try:
            with heard_by(partial(self._hear, step.urn)):
                self._hooks.before(step)
                resource = self._carry_out(step)
        except EngineError:
            raise
        except Exception as error:
            # Anything but a ProviderError leaves the operation pending in the state: whether it
            # took place is for the next run to find out.
            reason = str(error) if isinstance(error, ProviderError) else repr(error)
            self._observe(StepFailed(step, time.monotonic() - began))
            self._observe(Diagnostic("error", reason, step.urn))
            raise StepFailedError(reason) from error
        done = replace(step, new=resource) if step.new is not None else step
        self._observe(StepDone(done, preview=False, seconds=time.monotonic() - began))
        after(self._hooks, step, resource, self._observe)
        return resource

    def _hear(self, urn: str, message: str) -> None:
        self._observe(Diagnostic("info", message, urn, ephemeral=True))

    def _carry_out(self, step: Step) -> ResourceState:
        if step.op in (Op.CREATE, Op.CREATE_REPLACEMENT):
            return self._create(step)
        if step.op is Op.UPDATE:
            return self._update(step)
        if step.op is Op.SAME:
            return self._keep(step)
        if step.op is Op.REPLACE:
            return step.resource
        if step.op in LOOKING:
            return self._look(step)
        return self._delete(step)

    def _create(self, step: Step) -> ResourceState:
        new = step.resource
        provider = self._providers.serving(new)
        operation = self._journal.begin("creating", new)
        put, failure = new, None
        try:
            with self._slot(provider):
                put, failure = self._made(provider, new)
        except ProviderError:
            self._journal.end(operation)
            raise
        moment = now()
        put = replace(put, created=moment, modified=moment)
        drop, swap = aside(step)
        self._journal.end(operation, put=put, drop=drop, swap=swap)
        if failure is not None:
            raise failure
        if put.is_provider:
            self._providers.configure(put)
        return put

    def _made(
        self, provider: Provider | None, new: ResourceState
    ) -> tuple[ResourceState, PartialFailure | None]:
        if provider is None:
            return new, None
        try:
            return _with(new, calls.create(provider, new)), None
        except PartialFailure as failure:
            partial = replace(_with(new, failure.instance), init_errors=(str(failure),))
            return partial, failure

    def _look(self, step: Step) -> ResourceState:
        new = step.resource
        provider = self._providers.serving(new)
        assert provider is not None, "only custom resources are read"  # noqa: S101
        importing = step.op in (Op.IMPORT, Op.IMPORT_REPLACEMENT)
        operation = self._journal.begin("importing" if importing else "reading", new)
        try:
            with self._slot(provider):
                found = looked_at(step, provider)
        except ProviderError:
            self._journal.end(operation)
            raise
        if importing:
            moment = now()
            found = replace(found, created=moment, modified=moment)
        drop, swap = aside(step)
        self._journal.end(operation, put=found, drop=drop, swap=swap)
        return found

    def _update(self, step: Step) -> ResourceState:
        old, new = step.old, step.resource
        assert old is not None, "an update has an old state"  # noqa: S101 - an invariant
        new = replace(new, id=old.id, created=old.created, modified=old.modified)
        provider = self._providers.serving(new)
        if provider is None:
            after = replace(new, outputs=old.outputs)
            self._journal.end(None, put=after, drop=[old])
            return after
        operation = self._journal.begin("updating", new)
        try:
            with self._slot(provider):
                outputs = calls.update(provider, old, new)
        except PartialFailure as failure:
            after = replace(_with(new, failure.instance), init_errors=(str(failure),))
            after = replace(after, inputs=old.inputs, modified=now())
            self._journal.end(operation, put=after, drop=[old])
            raise
        except ProviderError:
            self._journal.end(operation)
            raise
        after = replace(new, outputs=calls.sealed_outputs(new, outputs), modified=now())
        self._journal.end(operation, put=after, drop=[old])
        if after.is_provider:
            self._providers.configure(after)
        return after

    def _keep(self, step: Step) -> ResourceState:
        old = step.old
        assert old is not None, "a same step has an old state"  # noqa: S101 - an invariant
        kept = kept_state(old, step.resource)
        self._journal.end(None, put=kept, drop=[old], changed=kept is not old)
        if kept.is_provider:
            self._providers.configure(kept)
        return kept

    def _delete(self, step: Step) -> ResourceState:
        old = step.resource
        if step.op is Op.REMOVE_PENDING_REPLACE:
            self._journal.end(None, drop=[old])
            return old
        provider = None if step.untouched else self._providers.serving(old)
        operation = self._journal.begin("deleting", old)
        try:
            if provider is not None:
                with self._slot(provider):
                    calls.delete(provider, old)
        except ProviderError:
            self._journal.end(operation)
            raise
        if step.pending_replacement:
            self._journal.end(operation, swap={old: replace(old, pending_replacement=True)})
        else:
            self._journal.end(operation, drop=[old])
        return old

    @contextmanager
    def _slot(self, provider: Provider | None) -> Iterator[None]:
        with self._slots if provider is not None else nullcontext():
            yield


def after(hooks: Hooks, step: Step, resource: ResourceState, observe: Observer) -> None:
    """Run the hooks that follow a successful step; raises StepFailedError."""
    try:
        hooks.after(step, resource)
    except ProviderError as error:
        observe(Diagnostic("error", str(error), step.urn))
        raise StepFailedError(str(error)) from error


def looked_at(step: Step, provider: Provider) -> ResourceState:
    """Carry out a step that only reads, which a preview does as well."""
    if step.op in (Op.IMPORT, Op.IMPORT_REPLACEMENT):
        return calls.take_over(provider, step.resource)
    found = calls.look_up(provider, step.resource)
    if step.old is None or not step.old.external:
        return found
    return kept_state(step.old, found) if step.old.outputs == found.outputs else found


def aside(step: Step) -> tuple[list[ResourceState], dict[ResourceState, ResourceState]]:
    """Return what becomes of the old state when the new one is there: removed, or marked."""
    if step.old is None:
        return [], {}
    if step.pending_delete:
        return [], {step.old: replace(step.old, delete=True)}
    return [step.old], {}


def _with(new: ResourceState, instance: Instance) -> ResourceState:
    outputs = calls.sealed_outputs(new, instance.outputs)
    return replace(new, id=instance.id, outputs=outputs)


def kept_state(old: ResourceState, new: ResourceState) -> ResourceState:
    """Return the old resource with what the program may change without an operation.

    It is the very same object when nothing differs, so that its text is written back as it was.
    """
    wanted = replace(
        new,
        id=old.id,
        outputs=calls.sealed_outputs(new, old.outputs),
        created=old.created,
        modified=old.modified,
        init_errors=old.init_errors,
        extra=old.extra,
    )
    return old if _equal(old, wanted) else wanted


def _equal(old: ResourceState, new: ResourceState) -> bool:
    return _comparable(old) == _comparable(new)


def _comparable(resource: ResourceState) -> tuple[object, ...]:
    """Sort dependencies: their order means nothing, since the SDK sends them from a set."""
    return (
        *(getattr(resource, name) for name in _PLAIN),
        frozenset(resource.dependencies),
        {key: frozenset(urns) for key, urns in resource.property_dependencies.items()},
    )


_PLAIN = tuple(
    name
    for name in ResourceState.__struct_fields__
    if name not in ("dependencies", "property_dependencies", "created", "modified")
)
