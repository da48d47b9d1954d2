"""Follows dependencies: dependents that are replaced as well, and the order of deletions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from webstack.engine.model.state import ResourceState, provider_urn
from webstack.engine.planning.plan import Doomed

Judge = Callable[[ResourceState, frozenset[str]], "tuple[str, ...] | None"]


def doomed_by(
    root: ResourceState, resources: Sequence[ResourceState], exempt: Collection[str], judge: Judge
) -> tuple[Doomed, ...]:
    """Return what must be replaced together with ``root``, in dependency order.

    ``judge`` tells, for a resource and the set of replaced URNs that it takes properties from,
    the keys that would replace it, or None. Options such as ``depends_on`` alone doom nothing.
    """
    doomed: list[Doomed] = []
    replaced = {root.urn}
    for resource in resources:
        settled = resource.urn in exempt or resource.urn in replaced
        if resource is root or (settled and not resource.delete):
            continue
        keys = _condemned(resource, replaced, judge)
        if keys is None:
            continue
        doomed.append(Doomed(resource, keys))
        if not resource.delete:
            replaced.add(resource.urn)
    return tuple(doomed)


def _condemned(resource: ResourceState, replaced: set[str], judge: Judge) -> tuple[str, ...] | None:
    if resource.deleted_with in replaced:
        return ("deletedWith",)
    if not replaced.isdisjoint(resource.replace_with):
        return ("replaceWith",)
    if not resource.custom or resource.external:
        return None
    if provider_urn(resource.provider) in replaced:
        return ("provider",)
    taken = (urn for urns in resource.property_dependencies.values() for urn in urns)
    sources = frozenset(replaced.intersection(taken))
    if not sources:
        return None
    return () if resource.delete else judge(resource, sources)


def blockers(condemned: Sequence[ResourceState]) -> dict[ResourceState, set[ResourceState]]:
    """Return, for each resource, those that must be deleted before it.

    Only later entries of the state block earlier ones: its order puts what is needed first,
    which keeps this free of cycles even when a URN stands in it more than once.
    """
    waiting: dict[ResourceState, set[ResourceState]] = {resource: set() for resource in condemned}
    earlier: dict[str, list[ResourceState]] = {}
    for resource in condemned:
        for urn in resource.needs:
            for needed in earlier.get(urn, ()):
                waiting[needed].add(resource)
        earlier.setdefault(resource.urn, []).append(resource)
    return waiting


def dependents_of(roots: Collection[str], resources: Iterable[ResourceState]) -> set[str]:
    """Return the URNs of everything that needs one of ``roots``, directly or not."""
    found = set(roots)
    for resource in resources:
        if not found.isdisjoint(resource.needs):
            found.add(resource.urn)
    return found - set(roots)


def needs_of(roots: Collection[str], resources: Sequence[ResourceState]) -> set[str]:
    """Return the URNs of everything that one of ``roots`` needs, directly or not."""
    found = set(roots)
    for resource in reversed(resources):
        if resource.urn in found:
            found |= resource.needs
    return found - set(roots)


def ordered(resources: Sequence[ResourceState]) -> tuple[ResourceState, ...]:
    """Put every resource after what it needs, otherwise keeping the order."""
    present = {resource.urn for resource in resources}
    placed: set[str] = set()
    result: list[ResourceState] = []
    rest = list(resources)
    while rest:
        later = []
        for resource in rest:
            if (resource.needs & present) <= placed:
                result.append(resource)
                placed.add(resource.urn)
            else:
                later.append(resource)
        if len(later) == len(rest):
            return (*result, *later)
        rest = later
    return tuple(result)
