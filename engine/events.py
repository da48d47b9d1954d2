"""What a run tells whoever watches it: frozen events, in the order in which things happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .steps import Step

Kind = Literal["update", "refresh", "destroy"]
Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Started:
    """A run, or its preview, begins."""

    kind: Kind
    project: str
    stack: str
    preview: bool
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StepStarted:
    """A step begins."""

    step: Step
    preview: bool


@dataclass(frozen=True)
class StepDone:
    """A step has ended well; ``step`` has the state it led to."""

    step: Step
    preview: bool
    seconds: float


@dataclass(frozen=True)
class StepFailed:
    """A step has ended badly; its reason follows as a `Diagnostic`."""

    step: Step
    seconds: float


@dataclass(frozen=True)
class Diagnostic:
    """A message about a resource, or about the run when ``urn`` is empty."""

    severity: Severity
    message: str
    urn: str = ""
    ephemeral: bool = False


@dataclass(frozen=True)
class Outputs:
    """The stack's outputs as they were and as they are, or are expected to be."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]


@dataclass(frozen=True)
class Ended:
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
