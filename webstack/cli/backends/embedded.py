"""Runs the program by the embedded engine, and keeps its records."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from webstack.cli.backends.ownership import UNWATCHED, Watch
from webstack.cli.backends.runner import OperationOptions, Outputs, PreviewResult
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.errors import OpsError
from webstack.contract import plain_text
from webstack.engine.operations import stacks
from webstack.engine.operations.outputs import outputs
from webstack.engine.project import settings
from webstack.engine.project.project import Project
from webstack.engine.project.stack import OpenedStack

if TYPE_CHECKING:
    from webstack.engine.model.events import Event, Observer
    from webstack.engine.running.run_options import RunOptions

# What runs programs is imported by who runs one: to read records takes half of the time without it.


class EmbeddedRunner:
    """Operations by the embedded engine, on a stack that may be opened already."""

    def __init__(
        self,
        project: Project,
        stack: str,
        guard: Watch = UNWATCHED,
        opened: OpenedStack | None = None,
    ) -> None:
        self._project = project
        self._stack = stack
        self._guard = guard
        self._opened = opened

    def ensure_stack(self) -> None:
        """Create the stack if it has a settings file but no state yet."""
        if stacks.exists(self._project, self._stack):
            return
        if not self._project.settings_file(self._stack).exists():
            raise OpsError(
                f'there is no stack "{self._stack}"',
                f"create it with `webstack stack init {self._stack}`",
            )
        file = self._project.settings_file(self._stack)
        before = file.read_bytes()
        stacks.init(self._project, self._stack)
        salted = f" Commit {file.name}: it has its encryptionsalt now."
        _notice(f"Created the stack {self._stack}.{salted if file.read_bytes() != before else ''}")

    def preview(self, options: OperationOptions) -> PreviewResult:
        """Show what `up` would do."""
        from webstack.engine.display.preview_json import PreviewDigest
        from webstack.engine.operations import operations

        digest = PreviewDigest()
        watching = digest if options.quiet else _both(digest, _observer(options))
        # Once: what is done afterwards may change the state.
        opened, self._opened = self._opened, None
        state = StackState({"deployment": opened.deployment}) if opened else None
        with self._guard.claiming(adopt=options.adopt, state=state):
            outcome = operations.preview(
                self._project, self._stack, _options(options), watching, opened=opened
            )
        return PreviewResult(
            outcome.exit_code,
            outcome.changed,
            digest.document(),
            outcome.settled,
            silent=not outcome.diagnostics,
        )

    def up(self, options: OperationOptions) -> int:
        """Bring the machine to what the program declares, without asking."""
        from webstack.engine.operations import operations

        if options.adopt:
            self._guard.make_way()
        self._guard.spare(adopt=options.adopt)
        with self._guard.claiming(adopt=options.adopt):
            return operations.up(
                self._project, self._stack, _options(options), _observer(options)
            ).exit_code

    def preview_destroy(self, options: OperationOptions) -> PreviewResult:
        """Show what `destroy` would do."""
        from webstack.engine.operations import operations

        outcome = operations.destroy(
            self._project,
            self._stack,
            _options(options),
            _observer(options),
            only_preview=True,
        )
        return PreviewResult(outcome.exit_code, outcome.changed)

    def destroy(self, options: OperationOptions) -> int:
        """Take away what the state holds, without asking."""
        from webstack.engine.operations import operations

        self._guard.spare()
        return operations.destroy(
            self._project, self._stack, _options(options), _observer(options)
        ).exit_code

    def refresh(self, options: OperationOptions) -> int:
        """Bring the state to what the machine has, without asking."""
        from webstack.engine.operations import operations

        return operations.refresh(
            self._project, self._stack, _options(options), _observer(options)
        ).exit_code

    def preview_refresh(self) -> PreviewResult:
        """Find what differs between state and machine, showing and writing nothing."""
        from webstack.engine.display.preview_json import PreviewDigest
        from webstack.engine.operations import operations

        digest = PreviewDigest()
        outcome = operations.refresh(self._project, self._stack, observe=digest, only_preview=True)
        return PreviewResult(outcome.exit_code, outcome.changed, digest.document())

    def unprotect(self, urns: Sequence[str] = ()) -> None:
        """Lift the protection of some resources in the state, of every one where none is named."""
        stacks.unprotect(self._project, self._stack, urns)

    def cancel(self) -> None:
        """Remove the locks that an ended run left."""
        stacks.cancel(self._project, self._stack)


class EmbeddedRecords:
    """State, history and settings by the embedded engine."""

    def __init__(self, project: Project, stack: str) -> None:
        self._project = project
        self._stack = stack

    def outputs(self, *, show_secrets: bool = False) -> Outputs:
        """Read the stack's outputs."""
        return outputs(self._project, self._stack, show_secrets=show_secrets)

    def history(self) -> list[dict[str, Any]]:
        """List the stack's updates, the newest first."""
        return stacks.history(self._project, self._stack)

    def get(self, key: str, *, path: bool = False) -> str:
        """Read one setting, opened if it is secret."""
        return settings.get(self._project, self._stack, key, path=path)

    def set(self, key: str, value: str, *, secret: bool, path: bool = False) -> None:
        """Write one setting."""
        settings.put(self._project, self._stack, key, value, secret=secret, path=path)

    def remove(self, key: str, *, path: bool = False) -> None:
        """Remove one setting."""
        settings.remove(self._project, self._stack, key, path=path)

    def stacks(self) -> list[str]:
        """List the project's stacks."""
        return stacks.ls(self._project)

    def create(self) -> None:
        """Create the stack."""
        stacks.init(self._project, self._stack)

    def delete(self, *, force: bool) -> None:
        """Delete the stack's records and its settings file."""
        stacks.rm(self._project, self._stack, force=force)

    def export(self, *, show_secrets: bool = False) -> str:
        """Give the stack's state."""
        exported = stacks.export(self._project, self._stack, show_secrets=show_secrets)
        return f"{json.dumps(exported, indent=4, ensure_ascii=False)}\n"

    def import_(self, deployment: str) -> None:
        """Replace the stack's state by an exported one."""
        try:
            document = json.loads(deployment)
        except (ValueError, RecursionError) as error:
            raise OpsError(f"this is not an exported state: {error}") from error
        stacks.import_(self._project, self._stack, document, _notice)


def _observer(options: OperationOptions) -> Observer:
    from webstack.cli.terminal.live_display import observer

    return observer(diff=options.diff)


def _both(first: Observer, second: Observer) -> Observer:
    def observe(event: Event) -> None:
        first(event)
        second(event)

    return observe


def _options(options: OperationOptions) -> RunOptions:
    from webstack.engine.running.run_options import RunOptions

    return RunOptions(
        parallel=options.parallel or 0,
        targets=options.targets,
        target_dependents=options.target_dependents,
        replace=options.replace,
        refresh=options.refresh,
        expect_no_changes=options.expect_no_changes,
        exclude_protected=options.exclude_protected,
    )


def _notice(text: str) -> None:
    print(plain_text.block(text), file=sys.stderr)
