"""Describes how a run went, for whoever asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from webstack.engine.model.events import Diagnostic
from webstack.engine.model.steps import Step

UNEXPECTED_CHANGES = 7


class RunResult(msgspec.Struct, frozen=True):
    """Holds how an operation went. ``outputs`` have `Secret` values where they are secret.

    A preview is ``settled`` if the operation itself would leave the state, too, as it is, and
    nobody else holds the stack.
    """

    exit_code: int
    counts: Mapping[str, int] = msgspec.field(default_factory=dict)
    outputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0
    changed: bool = False
    settled: bool = False

    @property
    def succeeded(self) -> bool:
        """Tell whether all went well. Unexpected changes count as success."""
        return self.exit_code in (0, UNEXPECTED_CHANGES)
