"""Defines what each registration asks of its run: settings, and whether it may go on."""

from __future__ import annotations

from typing import Protocol

import msgspec

from webstack.engine.model.targets import Targets


class RunSettings(msgspec.Struct, frozen=True):
    """Names the stack and project of a run, and the options that steer its decisions."""

    stack: str
    project: str
    preview: bool
    targets: Targets = msgspec.field(default_factory=Targets)
    replaced: Targets = msgspec.field(default_factory=Targets)
    target_dependents: bool = False
    continue_on_error: bool = False


class RunContext(Protocol):
    """Gives registrations access to the run that they belong to."""

    @property
    def settings(self) -> RunSettings:
        """Return the settings of the run."""

    @property
    def stopped(self) -> bool:
        """Tell whether no further step may begin."""

    def note_failure(self, message: str = "", urn: str = "") -> None:
        """Record that the run has failed, and let it go on as far as it can."""
