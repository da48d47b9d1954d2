"""Calls providers. Secrets and references are unwrapped on the way in, sealed on the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from webstack.engine.model.goal import Goal
from webstack.engine.model.provider import (
    UNKNOWN,
    Diff,
    Instance,
    Properties,
    Provider,
    ProviderError,
)
from webstack.engine.model.state import ResourceState
from webstack.engine.model.values import Secret, for_provider, plain, seal_like
from webstack.engine.planning.plan import compare, ignoring, ignoring_changes, replacing_on

# Outputs that repeat the inputs whole, and so may hold any secret that those hold.
_ALWAYS_SECRET: Final = frozenset({"__inputs"})


def check(
    provider: Provider | None, goal: Goal, old: ResourceState | None, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Validate inputs and add defaults. A component's inputs are taken as they are."""
    if provider is None:
        return dict(inputs)
    before = for_provider(old.inputs) if old is not None else None
    checked = provider.check(goal.type, goal.name, before, for_provider(inputs))
    return seal_like(checked, inputs)


def diff(
    provider: Provider | None,
    old: ResourceState,
    inputs: Mapping[str, Any],
    *,
    ignored: tuple[str, ...],
    replace_on: tuple[str, ...],
) -> Diff:
    """Return how the old state differs from the wanted inputs, with the options applied."""
    if provider is None:
        found = Diff(compare(plain(old.inputs), plain(inputs)))
    else:
        wanted = for_provider(ignoring(inputs, old.inputs, ignored))
        arguments = (for_provider(old.inputs), for_provider(old.outputs), wanted)
        found = ignoring_changes(provider.diff(old.type, old.id, *arguments), ignored)
    return replacing_on(found, replace_on, init_errors=bool(old.init_errors))


def would_replace(
    provider: Provider, resource: ResourceState, sources: frozenset[str]
) -> tuple[str, ...] | None:
    """Return the keys that would replace a resource if inputs taken from ``sources`` changed."""
    inputs = dict(resource.inputs)
    for key, urns in resource.property_dependencies.items():
        if key in inputs and not sources.isdisjoint(urns):
            inputs[key] = UNKNOWN
    found = diff(
        provider,
        resource,
        inputs,
        ignored=resource.ignore_changes,
        replace_on=resource.replace_on_changes,
    )
    keys = tuple(sorted({change.path for change in found.changes if change.replaces}))
    return keys or None


def planned_outputs(
    provider: Provider | None, new: ResourceState, old: ResourceState | None
) -> dict[str, Any]:
    """Return the outputs that are certain before the operation has run."""
    if provider is None:
        return {}
    before = for_provider(old.outputs) if old is not None else None
    planned = provider.planned_outputs(new.type, for_provider(new.inputs), before)
    return sealed_outputs(new, planned)


def create(provider: Provider, new: ResourceState) -> Instance:
    """Create the resource. Its outputs come back without secrets' marks."""
    timeout = new.custom_timeouts.get("create")
    return provider.create(new.type, new.name, for_provider(new.inputs), timeout)


def update(provider: Provider, old: ResourceState, new: ResourceState) -> Properties:
    """Change the resource in place. Its new outputs come back without secrets' marks."""
    arguments = (for_provider(old.inputs), for_provider(old.outputs), for_provider(new.inputs))
    return provider.update(new.type, old.id, *arguments)


def delete(provider: Provider, old: ResourceState) -> None:
    """Delete the resource."""
    provider.delete(old.type, old.id, for_provider(old.inputs), for_provider(old.outputs))


def read(provider: Provider, resource: ResourceState) -> Instance | None:
    """Read the resource as it is now, or None when it is gone."""
    arguments = (for_provider(resource.inputs), for_provider(resource.outputs))
    return provider.read(resource.type, resource.id, *arguments)


def look_up(provider: Provider, new: ResourceState) -> ResourceState:
    """Return a resource that the program only reads, as it is now."""
    if new.id == UNKNOWN:
        return replace(new, outputs={})
    inputs = for_provider(new.inputs)
    instance = provider.read(new.type, new.id, inputs, inputs)
    if instance is None:
        raise ProviderError(f"resource '{new.id}' does not exist")
    return replace(new, id=instance.id, outputs=sealed_outputs(new, instance.outputs))


def take_over(provider: Provider, new: ResourceState) -> ResourceState:
    """Return a resource that the program imports, with the inputs that would have made it."""
    instance = provider.read(new.type, new.import_id, {}, {})
    if instance is None:
        raise ProviderError(f"resource '{new.import_id}' does not exist")
    if instance.inputs is None:
        raise ProviderError(f"resources of type {new.type} cannot be imported")
    imported = replace(new, id=instance.id, inputs=seal_like(instance.inputs, new.inputs))
    return replace(imported, outputs=sealed_outputs(imported, instance.outputs))


def sealed_outputs(resource: ResourceState, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Mark as secret the outputs that are secret in the inputs or declared to be."""
    sealed = seal_like(outputs, resource.inputs)
    for key in (*resource.additional_secret_outputs, *_ALWAYS_SECRET):
        if key in sealed and not isinstance(sealed[key], Secret):
            sealed[key] = Secret(plain(sealed[key]))
    return sealed
