"""Decides what a deletion that is limited to targets deletes too, or must not delete."""

from __future__ import annotations

from collections.abc import Sequence

from webstack.engine.model.errors import PlanError
from webstack.engine.model.state import ResourceState
from webstack.engine.model.targets import Targets
from webstack.engine.planning import graph


def require_known(targets: Targets, known: set[str]) -> None:
    """Refuse targets that are not in the state; raises PlanError."""
    for urn in targets.unmatched(known):
        raise PlanError(
            f"no resource answers to the target {urn}: see `webstack stack export` for URNs"
        )


def select_deletions(
    targets: Targets,
    candidates: Sequence[ResourceState],
    everything: Sequence[ResourceState],
    *,
    dependents_too: bool,
) -> tuple[ResourceState, ...]:
    """Select what to delete; raises PlanError where other resources need some of it."""
    if not targets.patterns:
        return tuple(candidates)
    chosen = {item.urn for item in candidates if targets.includes(item.urn, named=True)}
    others = graph.dependents_of(chosen, everything)
    if dependents_too:
        followers = others.intersection(item.urn for item in candidates)
        chosen |= followers
        others -= followers
    if others:
        raise PlanError(
            "\n".join(
                f"Resource '{urn}' will be destroyed but was not specified in --target list. "
                "Either include resource in --target list or pass --target-dependents to proceed."
                for urn in sorted(others)
            )
        )
    return tuple(item for item in candidates if item.urn in chosen)
