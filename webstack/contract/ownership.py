"""Decides by its labels whose an existing volume is, and writes the refusal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OWNER = "webstack.owner"
"""The label that carries the identity of the state that made a volume."""
ADOPTED = "webstack.adopted"
"""The label of a claim: it names the volume that the claim's owner took from another state.

Labels of a volume cannot be changed, so that a claim is an empty volume beside it. Whoever has the
other state sees it.
"""
_PROJECT, _STACK = "webstack.project", "webstack.stack"

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Ours:
    """Holds what this state has: stack labels, identity, and volumes taken over by their owner.

    ``known`` are volumes that the state has from before there were identities.
    """

    labels: Labels
    identity: str | None
    taken: Labels
    known: frozenset[str]

    def owns(self, volume: str, labels: Labels) -> bool:
        """Tell whether a volume with these labels belongs to this state."""
        owner = labels.get(OWNER, "")
        if ADOPTED in labels or (owner and owner == self.identity):
            return owner == self.identity
        if volume in self.taken:
            return self.taken[volume] == owner
        return not owner and volume in self.known and self._is_of_stack(labels)

    def owner(self, labels: Labels) -> str:
        """Return the words for who made a volume that is not ours."""
        project, stack = labels.get(_PROJECT), labels.get(_STACK)
        if not project or not stack:
            return "nobody's by its labels"
        if not self._is_of_stack(labels):
            return f"of the stack {stack} of {project}"
        owner = labels.get(OWNER)
        return f"of another state of {stack}{f' ({owner})' if owner else ''}"

    def _is_of_stack(self, labels: Labels) -> bool:
        return all(labels.get(key) == value for key, value in self.labels.items())


def claim_name(volume: str) -> str:
    """Name the claim on a volume; no name of a stack or service has a dot alone in it."""
    return f"{volume}.adopted"


def owned_labels(listed: Iterable[Mapping[str, Any]]) -> dict[str, Labels]:
    """Give the labels of volumes as the daemon lists them, by name; who claims one owns it."""
    labels: dict[str, Labels] = {each["Name"]: each["Labels"] or {} for each in listed}
    claims = {each[ADOPTED]: each for each in labels.values() if ADOPTED in each}
    return {
        name: {**each, **claims.get(name, {})}
        for name, each in labels.items()
        if ADOPTED not in each
    }


def refusal(ours: Ours, foreign: Mapping[str, Labels]) -> str:
    """Return one line that refuses to take these volumes over without permission by name."""
    first, *more = sorted(foreign)
    others = f", and {len(more)} more are not this state's either" if more else ""
    return (
        f"the volume {first} exists, and is {ours.owner(foreign[first])}{others}; use another "
        "stack name, or take what is there with `webstack up --adopt`"
    )
