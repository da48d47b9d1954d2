"""Decides what to do with one resource, from values alone: no provider and no state file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from webstack.engine.model import property_path
from webstack.engine.model.errors import PlanError
from webstack.engine.model.goal import Goal
from webstack.engine.model.provider import Diff, PropertyChange
from webstack.engine.model.state import ResourceState
from webstack.engine.model.steps import Op, Step, top
from webstack.engine.model.values import holds_unknown, plain

INIT_ERROR = "#initerror"


class Doomed(msgspec.Struct, frozen=True):
    """Names a dependent that is deleted together with a resource that is replaced."""

    resource: ResourceState
    keys: tuple[str, ...] = ()


class RegistrationPlan(msgspec.Struct, frozen=True):
    """Holds the steps of one registration, and the problem that forbids them, if any."""

    steps: tuple[Step, ...]
    problem: str = ""


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[PropertyChange, ...]:
    """List the top-level properties in which two objects differ."""
    changes = []
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            changes.append(PropertyChange(key, "add"))
        elif key not in new:
            changes.append(PropertyChange(key, "delete"))
        elif old[key] != new[key]:
            changes.append(PropertyChange(key, "update"))
    return tuple(changes)


def news(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[PropertyChange, ...]:
    """Return how a resource that is only read differs from the last time it was read.

    What the earlier reading left open says nothing, and empty things are spelt in many ways.
    """
    known = {key for key, value in old.items() if value is not None and not key.startswith("__")}

    def told(outputs: Mapping[str, Any]) -> dict[str, Any]:
        values = ((key, outputs.get(key)) for key in known)
        return {key: None if value in ([], {}, "") else value for key, value in values}

    return compare(told(old), told(new))


def triggers(old: Any, new: Any) -> bool:
    """Tell whether a change of its trigger replaces a resource. Without a trigger none does."""
    if holds_unknown(old) or holds_unknown(new):
        return True
    before, after = plain(old), plain(new)
    return before is not None and after is not None and before != after


def ignoring(
    new: Mapping[str, Any], old: Mapping[str, Any], ignored: tuple[str, ...]
) -> dict[str, Any]:
    """Return the new inputs with the old value at every ignored path."""
    result = dict(new)
    for text in ignored:
        result = property_path.reset(result, old, _path(text, "ignore_changes"))
    return result


def ignoring_changes(diff: Diff, ignored: tuple[str, ...]) -> Diff:
    """Remove changes at ignored paths. Old outputs may differ there although inputs do not."""
    parsed = [_path(text, "ignore_changes") for text in ignored]
    changes = [
        change
        for change in diff.changes
        if not change.path
        or not any(property_path.contains(p, property_path.parse(change.path)) for p in parsed)
    ]
    return replace(diff, changes=tuple(changes))


def replacing_on(diff: Diff, paths: tuple[str, ...], *, init_errors: bool) -> Diff:
    """Make changes at or below ``paths`` replace the resource; ``*`` also covers init errors."""
    parsed = [_path(text, "replace_on_changes") for text in paths]
    changes = list(diff.changes)
    if init_errors and any(property_path.contains(path, (INIT_ERROR,)) for path in parsed):
        changes.append(PropertyChange(INIT_ERROR, "update", replaces=True))
    return replace(diff, changes=tuple(_replacing(change, parsed) for change in changes))


def _replacing(change: PropertyChange, paths: list[property_path.Path]) -> PropertyChange:
    if change.replaces or not change.path:
        return change
    where = property_path.parse(change.path)
    hit = any(property_path.contains(path, where) for path in paths)
    return replace(change, replaces=True) if hit else change


def _path(text: str, option: str) -> property_path.Path:
    try:
        return property_path.parse(text)
    except ValueError as error:
        raise PlanError(f"{option}: {error}") from error


def must_replace(old: ResourceState, diff: Diff) -> bool:
    """Tell whether an existing resource has to be created anew."""
    return old.pending_replacement or any(change.replaces for change in diff.changes)


def deletes_first(goal: Goal, diff: Diff) -> bool:
    """Tell whether the old resource is deleted before the new one is created."""
    if goal.delete_before_replace is not None:
        return goal.delete_before_replace
    return diff.delete_before_replace


def plan_new(
    new: ResourceState, old: ResourceState | None, *, recreating: tuple[str, ...] | None
) -> RegistrationPlan:
    """Plan a resource of which nothing of ours exists.

    ``recreating`` are the keys for which this run has already deleted it as somebody's
    dependent. An ``old`` external resource was only read: it leaves the state, and stays.
    """
    if recreating is not None:
        return RegistrationPlan(
            (
                Step(Op.REPLACE, new.urn, old, new, keys=recreating),
                Step(Op.CREATE_REPLACEMENT, new.urn, old, new, keys=recreating),
            )
        )
    if old is not None:
        return RegistrationPlan(
            (
                Step(Op.CREATE_REPLACEMENT, new.urn, old, new, pending_delete=True),
                Step(Op.REPLACE, new.urn, old, new),
            )
        )
    return RegistrationPlan((Step(Op.CREATE, new.urn, None, new),))


def plan_known(
    old: ResourceState, new: ResourceState, goal: Goal, diff: Diff, doomed: tuple[Doomed, ...] = ()
) -> RegistrationPlan:
    """Plan a resource that exists; ``doomed`` matters only if it is deleted first."""
    if must_replace(old, diff):
        return _plan_replacement(old, new, goal, diff, doomed)
    if diff.changes or old.init_errors:
        return RegistrationPlan((Step(Op.UPDATE, new.urn, old, new, diff.changes),))
    return RegistrationPlan((Step(Op.SAME, new.urn, old, new),))


def _plan_replacement(
    old: ResourceState, new: ResourceState, goal: Goal, diff: Diff, doomed: tuple[Doomed, ...]
) -> RegistrationPlan:
    keys = tuple(sorted({top(change.path) for change in diff.changes if change.replaces}))
    change = Step(Op.REPLACE, new.urn, old, new, diff.changes, keys)
    create = replace(change, op=Op.CREATE_REPLACEMENT)
    problem = _forbidden(old, new, goal, keys, doomed)
    if not deletes_first(goal, diff) and not old.pending_replacement:
        return RegistrationPlan((replace(create, pending_delete=True), change), problem)
    falling = [item.resource for item in reversed(doomed)]
    if not old.pending_replacement:
        falling.append(old)
    gone = {resource.urn for resource in falling}
    deletes = [_delete_first(resource, gone) for resource in falling]
    return RegistrationPlan((*deletes, change, create), problem)


def _delete_first(old: ResourceState, gone: Collection[str]) -> Step:
    step = Step(Op.DELETE_REPLACED, old.urn, old, untouched=_stays(old, gone))
    return step if old.delete else replace(step, pending_replacement=True)


def _stays(old: ResourceState, gone: Collection[str]) -> bool:
    return old.external or old.retain_on_delete or old.deleted_with in gone


def _forbidden(
    old: ResourceState,
    new: ResourceState,
    goal: Goal,
    keys: tuple[str, ...],
    doomed: tuple[Doomed, ...],
) -> str:
    if old.protect and new.protect:
        return (
            f'unable to replace resource "{new.urn}"\nas it is currently marked for protection. '
            "To unprotect the resource, remove the `protect` flag from the resource in your "
            "Pulumi program and run `pulumi up`"
        )
    if goal.import_id:
        return (
            "previously-imported resources that still specify an ID may not be replaced; please "
            f"remove the `import` declaration from your program; changed: {', '.join(keys)}"
        )
    for item in doomed:
        if item.resource.protect:
            return (
                f'unable to replace resource "{item.resource.urn}" as part of replacing '
                f'"{new.urn}" as it is currently marked for protection. To unprotect the '
                "resource, remove the `protect` flag from the resource in your Pulumi program "
                "and run `pulumi up`"
            )
    return ""


def plan_delete(old: ResourceState, gone: Collection[str]) -> Step:
    """Plan the deletion of a resource that is no longer declared, or that was replaced.

    ``gone`` are the URNs that are deleted in the same run: what is declared to be deleted with
    one of them needs no deletion of its own.
    """
    if old.delete:
        op = Op.DISCARD_REPLACED if old.external else Op.DELETE_REPLACED
    elif old.pending_replacement:
        op = Op.REMOVE_PENDING_REPLACE
    else:
        op = Op.READ_DISCARD if old.external else Op.DELETE
    return Step(op, old.urn, old, untouched=_stays(old, gone))
