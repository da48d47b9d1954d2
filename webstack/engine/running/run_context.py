"""What a run is for, and whether it may go on: what each of its registrations asks."""

from __future__ import annotations

from typing import Protocol

import msgspec

from webstack.engine.model.targets import Targets


class RunSettings(msgspec.Struct, frozen=True):
    """What a run is for, and the options that steer its decisions."""

    stack: str
    project: str
    preview: bool
    targets: Targets = msgspec.field(default_factory=Targets)
    replaced: Targets = msgspec.field(default_factory=Targets)
    target_dependents: bool = False
    continue_on_error: bool = False


class RunContext(Protocol):
    """The run that registrations belong to."""

    @property
    def settings(self) -> RunSettings:
        """What the run is for."""

    @property
    def stopped(self) -> bool:
        """Whether no further step may begin."""

    def note_failure(self, message: str = "", urn: str = "") -> None:
        """Record that the run has failed, and let it go on as far as it can."""
