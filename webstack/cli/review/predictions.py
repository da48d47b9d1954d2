"""Predicts what each part of the stack will see of a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from webstack.cli.review.containers import background, containers, is_replaced, role, service
from webstack.cli.review.data_loss import lost_volumes, name_of
from webstack.cli.review.document import Document, Step
from webstack.cli.review.model import Outcome, Prediction
from webstack.contract.role_names import makes_backups

HOLDER_SECONDS = 3
"""From the last answer of the old listener to the first of the new one, rounded up: under load,
on two cores, by the slower of the two that run the program (benchmarks/restart_gaps.py)."""
PORT = "published port"
RESTART_SECONDS = 3
"""A container that has to stop before the next one starts."""
_NOBODY_WAITS = "restarts, no gap: it serves nobody, and makes its next backup at its time"


def predictions(document: Document, *, loss_allowed: bool = False) -> tuple[Prediction, ...]:
    """Services first, then their roles, the proxy, singletons and data."""
    steps = document.changes
    return (
        *_services(steps),
        *_roles(steps),
        *_proxy(steps),
        *_moved_port(steps),
        *_singletons(steps),
        *_data(document, loss_allowed),
    )


def _services(steps: list[Step]) -> Iterator[Prediction]:
    old, new = _released(steps)
    touched = {service(step) for step in containers(steps) if role(step) == "service"}
    removed = {step.name for step in steps if step.kind == "WebService" and step.op == "delete"}
    for name in sorted(touched | old.keys() ^ new.keys()):
        own = [each for each in containers(steps) if service(each) == name and not background(each)]
        if name in removed and name not in old:
            yield Prediction(name, Outcome.ENDS, "ends: it never served")
        else:
            yield _service(name, own, old.get(name), new.get(name))


def _service(name: str, own: list[Step], old: Any, new: Any) -> Prediction:
    """Predict for one service, from its containers and its replicas before and after."""
    before, after = _replicas(old), _replicas(new)
    if after and not before:  # it never served, even where its containers are there by now
        return Prediction(name, Outcome.STARTS, f"starts, {_containers(after)}")
    replaced = [step for step in own if is_replaced(step)]
    if replaced and len(replaced) >= max(before, after):
        words = f"restarts, about {RESTART_SECONDS} s"
        return Prediction(name, Outcome.RESTARTS, words, RESTART_SECONDS)
    if not before and any(step.op == "create" for step in own):
        return Prediction(name, Outcome.STARTS, f"starts, {_containers(after or len(own))}")
    if before and not after:
        return Prediction(name, Outcome.ENDS, "ends: its routes are gone")
    if before != after and not replaced and (_release(old) == _release(new)):
        return Prediction(name, Outcome.ROLLS, f"from {before} to {_containers(after)}, no gap")
    words = f"rolls, no gap: {_containers(after)}"
    return Prediction(name, Outcome.ROLLS, words + (f" for {before}" if before != after else ""))


def _roles(steps: list[Step]) -> Iterator[Prediction]:
    """Roles of services whose containers change, by what the release does with each."""
    old, new = _released(steps, "roles")
    made = {background(step) for step in containers(steps) if step.op != "delete"}
    for name in sorted({background(step) for step in containers(steps)} - {""}):
        before, after = _mapping(old.get(name)), _mapping(new.get(name))
        if name in made or _release(before) != _release(after):
            yield _role(name, before, after)


def _role(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Prediction:
    count = _containers(len(_mapping(after.get("containers"))))
    outcome, words, seconds = Outcome.ROLLS, f"rolls: {count}, then the old ones stop", 0
    if not after:
        outcome, words = Outcome.ENDS, "ends"
    elif not before:
        outcome, words = Outcome.STARTS, f"starts, {count}"
    elif _release(before) == _release(after):
        words = f"from {len(_mapping(before.get('containers')))} to {count}"
    elif after.get("single"):
        outcome, seconds = Outcome.RESTARTS, RESTART_SECONDS
        words = f"restarts, about {seconds} s: single, so the old one stops first"
    return Prediction(name, outcome, words, seconds, "role")


def _proxy(steps: list[Step]) -> Iterator[Prediction]:
    own = [step for step in containers(steps) if role(step) == "proxy"]
    made = any(step.op == "create" for step in own)
    left = any(step.op == "delete" for step in own)
    release = next((step for step in steps if step.kind == "Release"), None)
    if any(is_replaced(step) for step in own):
        words = f"restarts, about {RESTART_SECONDS} s"
        yield Prediction("nginx", Outcome.RESTARTS, words, RESTART_SECONDS)
    elif made and left:
        yield Prediction("nginx", Outcome.HANDS_OVER, "hands over to the next nginx, no gap")
    elif made:
        yield Prediction("nginx", Outcome.STARTS, "starts")
    elif left:
        yield Prediction("nginx", Outcome.ENDS, "ends")
    elif release and _configuration(release.before) != _configuration(release.after):
        yield Prediction("nginx", Outcome.RELOADS, "takes another configuration, no gap")


def _moved_port(steps: list[Step]) -> Iterator[Prediction]:
    """Predict a move to another port: each has a listener of its own, so one follows another."""
    own = [step for step in containers(steps) if role(step) == "holder"]
    old = ", ".join(_published(step.before) for step in own if step.op == "delete")
    new = ", ".join(_published(step.after) for step in own if step.op == "create")
    if old and new:
        words = f"moves to {new}, no gap: {old} listens until requests to it have ended"
        yield Prediction(PORT, Outcome.MOVES, words)


def _singletons(steps: list[Step]) -> Iterator[Prediction]:
    """Containers with a name of their own that goes on: two of them cannot run at a time."""
    for step in containers(steps):
        if role(step) in ("service", "background", "proxy") or not is_replaced(step):
            continue
        if makes_backups(role(step)):
            yield Prediction(step.name, Outcome.ROLLS, _NOBODY_WAITS, noun="backup")
            continue
        if role(step) != "holder":
            words = f"restarts, about {RESTART_SECONDS} s"
            yield Prediction(step.name, Outcome.RESTARTS, words, RESTART_SECONDS)
            continue
        old, new = _published(step.before), _published(step.after)
        moved = f"; then at {new}, no longer at {old}" if old != new else ""
        words = f"restarts, about {HOLDER_SECONDS} s without a listener{moved}"
        yield Prediction(PORT, Outcome.RESTARTS, words, HOLDER_SECONDS)


def _data(document: Document, loss_allowed: bool) -> Iterator[Prediction]:
    refused = "would lose data: refused without --allow-data-loss"
    for urn in lost_volumes(document):
        words = "is deleted with its data, as allowed" if loss_allowed else refused
        yield Prediction(name_of(urn), Outcome.LOSES_DATA, words)


def _released(steps: list[Step], what: str = "services") -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the services of the release before and of the one after; equal where none changes."""
    for step in steps:
        if step.kind == "Release":
            return _mapping(step.before.get(what)), _mapping(step.after.get(what))
    return {}, {}


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _replicas(released: Any) -> int:
    replicas = _mapping(released).get("replicas")
    return len(replicas) if isinstance(replicas, list) else 0


def _release(released: Any) -> Any:
    return _mapping(released).get("release")


def _containers(count: int) -> str:
    return f"{count} container{'s' if count != 1 else ''}"


def _configuration(inputs: Mapping[str, Any]) -> Any:
    return inputs.get("configuration")


def _published(inputs: Mapping[str, Any]) -> str:
    ports = inputs.get("ports")
    listed = ports if isinstance(ports, list) else []
    return ", ".join(
        f"{port.get('ip', '0.0.0.0')}:{_whole(port.get('external'))}"  # noqa: S104 - a word
        for port in listed
        if isinstance(port, Mapping)
    )


def _whole(number: Any) -> Any:
    return int(number) if isinstance(number, float) else number
