"""Defines the events of a run, which its observer receives in the order in which they happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from webstack.engine.model.steps import Step

Kind = Literal["update", "refresh", "destroy"]
Severity = Literal["info", "warning", "error"]


class Started(msgspec.Struct, frozen=True):
    """Says that a run or a preview begins."""

    kind: Kind
    project: str
    stack: str
    preview: bool
    config: Mapping[str, str] = msgspec.field(default_factory=dict)


class StepStarted(msgspec.Struct, frozen=True):
    """Says that a step begins."""

    step: Step
    preview: bool


class StepDone(msgspec.Struct, frozen=True):
    """Says that a step has succeeded. ``step`` has the state it led to."""

    step: Step
    preview: bool
    seconds: float


class StepFailed(msgspec.Struct, frozen=True):
    """Says that a step has failed. A `Diagnostic` with the reason follows."""

    step: Step
    seconds: float


class Diagnostic(msgspec.Struct, frozen=True):
    """Carries a message about a resource, or about the whole run when ``urn`` is empty."""

    severity: Severity
    message: str
    urn: str = ""
    ephemeral: bool = False


class Outputs(msgspec.Struct, frozen=True):
    """Carries the stack's outputs before and after the run; a preview has the expected ones."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]


class Ended(msgspec.Struct, frozen=True):
    """Says that the run is over. ``counts`` has the operations that happened, or would happen."""

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
    """Ignore an event: the observer of runs that nobody watches."""
