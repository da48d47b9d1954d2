"""Defines what runs the Pulumi program: two Protocols, for the CLI and for the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

Outputs = Mapping[str, Any]


class OperationOptions(msgspec.Struct, frozen=True):
    """Says how to run an operation; the defaults are Pulumi's. A quiet preview shows nothing."""

    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    replace: tuple[str, ...] = ()
    refresh: bool = False
    diff: bool = False
    quiet: bool = False
    expect_no_changes: bool = False
    exclude_protected: bool = False
    parallel: int | None = None
    adopt: bool = False


class PreviewResult(msgspec.Struct, frozen=True):
    """Holds what a preview found: exit code, whether there is anything to change, and its JSON.

    ``document`` is what `pulumi preview --json` prints; empty where nothing was foreseen. Where
    all is ``settled``, an update would not even write anything down. One that is ``silent`` had
    nothing to tell but what it would do.
    """

    code: int
    changes: bool
    document: Mapping[str, Any] = msgspec.field(default_factory=dict)
    settled: bool = False
    silent: bool = False

    @property
    def unchanged(self) -> int:
        """Count the resources that stay as they are."""
        return int(self.document.get("changeSummary", {}).get("same", 0))


class Runner(Protocol):
    """Operations on one stack; each prints like Pulumi's and gives Pulumi's exit code."""

    def ensure_stack(self) -> None:
        """Create the stack if it has a settings file but no state yet."""

    def preview(self, options: OperationOptions) -> PreviewResult:
        """Show what `up` would do."""

    def up(self, options: OperationOptions) -> int:
        """Bring the machine to what the program declares, without asking."""

    def preview_destroy(self, options: OperationOptions) -> PreviewResult:
        """Show what `destroy` would do."""

    def destroy(self, options: OperationOptions) -> int:
        """Take away what the state holds, without asking."""

    def refresh(self, options: OperationOptions) -> int:
        """Bring the state to what the machine has, without asking."""

    def preview_refresh(self) -> PreviewResult:
        """Find what differs between state and machine, showing and writing nothing."""

    def unprotect(self, urns: Sequence[str] = ()) -> None:
        """Lift the protection of some resources in the state, of every one where none is named."""

    def cancel(self) -> None:
        """Remove the locks that an ended run left."""


class Records(Protocol):
    """Reads and writes what is recorded of the project's stacks: state, history, settings."""

    def outputs(self, *, show_secrets: bool = False) -> Outputs:
        """Read the stack's outputs; secrets as ``[secret]`` unless they shall be shown."""

    def history(self) -> list[dict[str, Any]]:
        """List the stack's updates, the newest first."""

    def get(self, key: str, *, path: bool = False) -> str:
        """Read one setting, opened if it is secret; by ``path`` one inside a structure."""

    def set(self, key: str, value: str, *, secret: bool, path: bool = False) -> None:
        """Write one setting."""

    def remove(self, key: str, *, path: bool = False) -> None:
        """Remove one setting."""

    def stacks(self) -> list[str]:
        """List the project's stacks."""

    def create(self) -> None:
        """Create the stack."""

    def delete(self, *, force: bool) -> None:
        """Delete the stack's records; refuses one with resources unless forced."""

    def export(self, *, show_secrets: bool = False) -> str:
        """Give the stack's state as `pulumi stack export` does, secrets sealed unless shown."""

    def import_(self, deployment: str) -> None:
        """Replace the stack's state by an exported one."""
