"""Whose a volume is that exists already: decisions over labels, and how they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OWNER = "webstack.owner"
"""The label that carries the identity of the state that made a volume."""
_PROJECT, _STACK = "webstack.project", "webstack.stack"

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Ours:
    """What this state has: its stack's labels, its identity, and volumes it took, by their owner.

    ``known`` are volumes that the state has from before there were identities.
    """

    labels: Labels
    identity: str | None
    taken: Labels
    known: frozenset[str]

    def owns(self, volume: str, labels: Labels) -> bool:
        """Whether a volume with these labels is this state's."""
        owner = labels.get(OWNER, "")
        if owner and owner == self.identity:
            return True
        if volume in self.taken:
            return self.taken[volume] == owner
        return not owner and volume in self.known and self._is_of_stack(labels)

    def owner(self, labels: Labels) -> str:
        """Who made a volume that is not ours, in words."""
        project, stack = labels.get(_PROJECT), labels.get(_STACK)
        if not project or not stack:
            return "nobody's by its labels"
        if not self._is_of_stack(labels):
            return f"of the stack {stack} of {project}"
        owner = labels.get(OWNER)
        return f"of another state of {stack}{f' ({owner})' if owner else ''}"

    def _is_of_stack(self, labels: Labels) -> bool:
        return all(labels.get(key) == value for key, value in self.labels.items())


def refusal(ours: Ours, foreign: Mapping[str, Labels]) -> str:
    """One line for whoever would take these volumes over, by name, without having said so."""
    first, *more = sorted(foreign)
    others = f", and {len(more)} more are not this state's either" if more else ""
    return (
        f"the volume {first} exists, and is {ours.owner(foreign[first])}{others}; use another "
        "stack name, or take what is there with `webstack up --adopt`"
    )
