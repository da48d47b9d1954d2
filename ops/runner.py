"""What runs the Pulumi program: one Protocol, two implementations (the CLI, the engine)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Outputs = Mapping[str, Any]


@dataclass(frozen=True)
class Options:
    """How an operation is to be run; the defaults are Pulumi's."""

    targets: tuple[str, ...] = ()
    refresh: bool = False
    diff: bool = False
    json: bool = False
    expect_no_changes: bool = False
    exclude_protected: bool = False
    parallel: int | None = None


@dataclass(frozen=True)
class Plan:
    """What a preview found: its exit code, and whether there is anything to change."""

    code: int
    changes: bool


class Runner(Protocol):
    """Operations on one stack; each prints like Pulumi's and gives Pulumi's exit code."""

    @property
    def title(self) -> str:
        """Name it, and say why it was chosen."""

    def ensure_stack(self) -> None:
        """Create the stack if it has a settings file but no state yet."""

    def preview(self, options: Options) -> Plan:
        """Show what `up` would do."""

    def up(self, options: Options) -> int:
        """Bring the machine to what the program declares, without asking."""

    def destroy(self, options: Options) -> int:
        """Take away what the state holds, without asking."""

    def preview_destroy(self, options: Options) -> Plan:
        """Show what `destroy` would do."""

    def refresh(self, options: Options) -> int:
        """Bring the state to what the machine has."""

    def unprotect(self) -> int:
        """Lift the protection of every resource in the state."""

    def cancel(self) -> int:
        """Remove the locks that an ended run left."""

    def outputs(self, *, show_secrets: bool = False) -> Outputs:
        """Read the stack's outputs; empty where there are none."""

    def history(self) -> list[dict[str, Any]]:
        """List the updates, the newest first."""
