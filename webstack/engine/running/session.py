"""Puts together everything that one operation on a stack works with."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from webstack.engine.model.errors import EngineError
from webstack.engine.model.events import Diagnostic, Ended, Kind, Observer, Outputs, Started
from webstack.engine.model.state import ResourceState, Snapshot
from webstack.engine.model.targets import Targets
from webstack.engine.project.config import ConfigMap
from webstack.engine.project.stack import OpenedStack
from webstack.engine.providers.registry import Providers, factories
from webstack.engine.running.deletions import Deletions, protected, protection_error, spare
from webstack.engine.running.deployment import Deployment
from webstack.engine.running.executor import Executor
from webstack.engine.running.journal import Journal
from webstack.engine.running.preview_executor import PreviewExecutor
from webstack.engine.running.recorder import Recorder
from webstack.engine.running.registration import Applier
from webstack.engine.running.run_context import RunSettings
from webstack.engine.running.run_options import RunOptions
from webstack.engine.running.run_result import UNEXPECTED_CHANGES, RunResult
from webstack.engine.sdk.hooks import Hooks
from webstack.engine.storage import locks


class RunSession:
    """Runs one operation, or its preview, from the state that it found to its result."""

    def __init__(
        self,
        stack: OpenedStack,
        kind: Kind,
        options: RunOptions,
        observe: Observer,
        *,
        preview: bool,
        providers: Providers | None = None,
    ) -> None:
        self.stack = stack
        self.kind: Kind = kind
        self.options = options
        self.preview = preview
        self.record = Recorder(observe)
        self.config: ConfigMap = stack.config()
        self.codec = stack.codec()
        self.parallel = options.workers(stack.project.environ)
        self.providers = providers or Providers(factories(stack.project))
        self.began = time.time()
        self.outputs: Mapping[str, Any] = {}
        self.journal = Journal(Snapshot(), None)
        self.hooks = Hooks(self.record, preview=preview)
        self.deployment = self._deployment()

    def open(self, before: Snapshot) -> None:
        """Begin with a state."""
        self.journal = Journal(before, None if self.preview else self._write)
        self.deployment = self._deployment()

    def reopen(self) -> None:
        """Continue with the present state, after it was settled or refreshed."""
        if self.journal.touched:
            failed, stopped = self.deployment.failed, self.deployment.stopped
            self.open(self.journal.snapshot())
            self.deployment.failed = failed
            if stopped:
                self.deployment.stop()

    def start(self) -> None:
        """Report that the operation begins."""
        self.record(
            Started(
                self.kind,
                self.stack.project.name,
                self.stack.name,
                self.preview,
                self.config.shown,
            )
        )

    def delete(self, condemned: tuple[ResourceState, ...]) -> None:
        """Delete what is condemned, except what is protected or needed by failed resources."""
        everything = self.journal.snapshot().resources
        spared = set(self.deployment.broken)
        if not self.options.exclude_protected:
            for resource in protected(condemned):
                self.deployment.failed = True
                self.record(protection_error(resource))
        spared |= {resource.urn for resource in protected(condemned)}
        deletions = Deletions(
            self.applier().apply, self.record, lambda: self.deployment.stopped, self.parallel
        )
        if not deletions.run(spare(condemned, spared, everything)):
            self.deployment.failed = True

    def settle_outputs(self) -> None:
        """Report the stack's outputs and record them in the state."""
        old, new = self.deployment.finish_stack()
        self.outputs = new
        self.record(Outputs(old, new))

    def finish(self) -> RunResult:
        """Save what is not on disk yet, add to the history, and return the result."""
        if self.deployment.stopped and not self.deployment.failed:
            self.deployment.failed = True
            self.record(Diagnostic("error", f"{self._what} canceled"))
        if not self.preview:
            self._keep()
        return self._conclude()

    def fail(self, error: EngineError) -> None:
        """Fail the run with an error of the engine itself."""
        self.deployment.fail(str(error))

    def _keep(self) -> None:
        try:
            self.journal.save()
            self.stack.backend.record(self.stack.name, self._update())
        except EngineError as error:
            self.fail(error)

    def _conclude(self) -> RunResult:
        """Return the result without writing anything."""
        failed = self.deployment.failed
        seconds = time.time() - self.began
        counts = dict(self.record.counts)
        self.record(
            Ended(
                self.kind,
                self.stack.name,
                self.preview,
                seconds,
                counts,
                failed,
                self.record.errored,
            )
        )
        unexpected = self.options.expect_no_changes and self.record.changed
        return RunResult(
            exit_code=1 if failed else UNEXPECTED_CHANGES if unexpected else 0,
            counts=counts,
            outputs=self.outputs,
            steps=tuple(self.record.steps),
            diagnostics=tuple(self.record.diagnostics),
            seconds=seconds,
            changed=self.record.changed,
            settled=self._settled(failed=failed),
        )

    def _settled(self, *, failed: bool) -> bool:
        held = locks.list_locks(self.stack.backend.locks(self.stack.name))
        return self.journal.settled and not (failed or self.record.changed or held)

    def applier(self) -> Applier:
        """Return what carries out steps, or predicts them in a preview."""
        if self.preview:
            return PreviewExecutor(self.journal, self.providers, self.record, self.hooks)
        return Executor(self.journal, self.providers, self.record, self.parallel, self.hooks)

    def _deployment(self) -> Deployment:
        options = self.options
        settings = RunSettings(
            self.stack.name,
            self.stack.project.name,
            self.preview,
            Targets(options.targets),
            Targets(options.replace),
            target_dependents=options.target_dependents,
            continue_on_error=options.goes_on(self.stack.project.environ),
        )
        return Deployment(
            settings, self.journal, self.providers, self.applier(), self.record, self.hooks
        )

    def _write(self, snapshot: Snapshot) -> None:
        self.stack.save(self.codec, snapshot)

    @property
    def _what(self) -> str:
        return "preview" if self.preview else self.kind

    def _update(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "startTime": int(self.began),
            "message": self.options.message,
            "environment": {"exec.kind": "embedded"},
            "config": dict(self.stack.settings.values),
            "version": 0,
            "result": "failed" if self.deployment.failed else "succeeded",
            "endTime": int(time.time()),
            "resourceChanges": dict(self.record.counts),
        }
