"""Refreshes the state: reads every resource and records what has drifted."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from msgspec.structs import replace

from webstack.engine.model.errors import EngineError
from webstack.engine.model.events import Diagnostic, Observer, StepDone, StepFailed, StepStarted
from webstack.engine.model.provider import Instance, PropertyChange, ProviderError
from webstack.engine.model.state import ResourceState, provider_urn
from webstack.engine.model.steps import Op, Step
from webstack.engine.model.values import plain, seal_like
from webstack.engine.planning.plan import news
from webstack.engine.providers import calls
from webstack.engine.providers.registry import Providers
from webstack.engine.running.journal import Journal
from webstack.engine.storage.checkpoint import now

_INVERSE: Mapping[str, Any] = {"add": "delete", "delete": "add", "update": "update"}


class Refreshed(msgspec.Struct, frozen=True):
    """Holds one resource after reading: its present state or None, and what differs."""

    before: ResourceState
    after: ResourceState | None
    changes: tuple[PropertyChange, ...] = ()

    @property
    def op(self) -> Op:
        """Return the operation that somebody else has done on the resource."""
        if self.after is None:
            return Op.DELETE
        return Op.UPDATE if self.changes else Op.SAME


class Refresher:
    """Reads resources side by side and records the findings in the journal."""

    def __init__(
        self,
        journal: Journal,
        providers: Providers,
        observe: Observer,
        *,
        preview: bool,
        parallel: int,
    ) -> None:
        self._journal = journal
        self._providers = providers
        self._observe = observe
        self._preview = preview
        self._parallel = parallel

    def run(self, resources: Sequence[ResourceState]) -> bool:
        """Refresh the given resources; returns False when one could not be read."""
        with ThreadPoolExecutor(self._parallel, thread_name_prefix="refresh") as pool:
            running = [
                pool.submit(contextvars.copy_context().run, self._refresh, resource)
                for resource in resources
            ]
            found = [future.result() for future in running]
        gone = {item.before.urn for item in found if item is not None and item.after is None}
        if gone:
            self._forget(gone)
        self._journal.save()
        return None not in found

    def _refresh(self, before: ResourceState) -> Refreshed | None:
        began = time.monotonic()
        started = Step(Op.REFRESH, before.urn, before, before)
        self._observe(StepStarted(started, self._preview))
        try:
            found = self._found(before)
        except (ProviderError, EngineError) as error:
            self._observe(StepFailed(started, time.monotonic() - began))
            self._observe(Diagnostic("error", str(error), before.urn))
            return None
        if found.after is None:
            self._journal.end(None, drop=[before], save=False)
        elif found.after is not before:
            self._journal.end(None, swap={before: found.after}, save=False)
        step = Step(found.op, before.urn, before, found.after, found.changes)
        self._observe(StepDone(step, self._preview, time.monotonic() - began))
        return found

    def _found(self, before: ResourceState) -> Refreshed:
        if not before.custom or before.is_provider or before.pending_replacement:
            return Refreshed(before, before)
        provider = self._providers.serving(before)
        assert provider is not None, "custom resources have one"  # noqa: S101 - an invariant
        instance = calls.read(provider, before)
        if instance is None:
            return Refreshed(before, None)
        after = taken_in(before, instance)
        if after is before:
            return Refreshed(before, before)
        if before.external:
            return Refreshed(before, after, news(plain(before.outputs), plain(after.outputs)))
        # What the next update would change back, seen from the other side.
        back = calls.diff(
            provider, after, before.inputs, ignored=before.ignore_changes, replace_on=()
        )
        return Refreshed(before, after, tuple(_inverted(change) for change in back.changes))

    def _forget(self, gone: set[str]) -> None:
        """Remove all dependencies on resources that are gone."""
        for resource in self._journal.leftover():
            if not resource.needs.isdisjoint(gone):
                self._journal.end(None, swap={resource: without(resource, gone)}, save=False)


def taken_in(before: ResourceState, instance: Instance) -> ResourceState:
    """Return the state of a resource as it was read; the same object if nothing differs."""
    inputs: Mapping[str, Any] = before.inputs
    if instance.inputs is not None:
        inputs = seal_like(instance.inputs, before.inputs)
    outputs = calls.sealed_outputs(replace(before, inputs=inputs), instance.outputs)
    same = (inputs, outputs, instance.id) == (before.inputs, before.outputs, before.id)
    if same and not before.init_errors:
        return before
    return replace(
        before,
        id=instance.id,
        inputs=inputs,
        outputs=outputs,
        init_errors=(),
        modified=before.modified if same else now(),
    )


def without(resource: ResourceState, gone: set[str]) -> ResourceState:
    """Remove references to URNs that are gone, as far as a resource can do without them."""

    def kept(urns: Sequence[str]) -> tuple[str, ...]:
        return tuple(urn for urn in urns if urn not in gone)

    return replace(
        resource,
        dependencies=kept(resource.dependencies),
        property_dependencies={
            key: kept(urns) for key, urns in resource.property_dependencies.items()
        },
        deleted_with="" if resource.deleted_with in gone else resource.deleted_with,
        replace_with=kept(resource.replace_with),
        provider="" if provider_urn(resource.provider) in gone else resource.provider,
    )


def _inverted(change: PropertyChange) -> PropertyChange:
    return replace(change, kind=_INVERSE[change.kind], replaces=False)
