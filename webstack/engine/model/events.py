"""What a run tells whoever watches it: frozen events, in the order in which things happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from webstack.engine.model.steps import Step

Kind = Literal["update", "refresh", "destroy"]
Severity = Literal["info", "warning", "error"]


class Started(msgspec.Struct, frozen=True):
    """A run, or its preview, begins."""

    kind: Kind
    project: str
    stack: str
    preview: bool
    config: Mapping[str, str] = msgspec.field(default_factory=dict)


class StepStarted(msgspec.Struct, frozen=True):
    """A step begins."""

    step: Step
    preview: bool


class StepDone(msgspec.Struct, frozen=True):
    """A step has ended well; ``step`` has the state it led to."""

    step: Step
    preview: bool
    seconds: float


class StepFailed(msgspec.Struct, frozen=True):
    """A step has ended badly; its reason follows as a `Diagnostic`."""

    step: Step
    seconds: float


class Diagnostic(msgspec.Struct, frozen=True):
    """A message about a resource, or about the run when ``urn`` is empty."""

    severity: Severity
    message: str
    urn: str = ""
    ephemeral: bool = False


class Outputs(msgspec.Struct, frozen=True):
    """The stack's outputs as they were and as they are, or are expected to be."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]


class Ended(msgspec.Struct, frozen=True):
    """The run is over; ``counts`` has the operations that happened, or would."""

    kind: Kind
    stack: str
    preview: bool
    seconds: float
    counts: Mapping[str, int]
    failed: bool
    errored: int = 0


Event = Started | StepStarted | StepDone | StepFailed | Diagnostic | Outputs | Ended
Observer = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Watch nothing."""
