"""Offers the operations on a stack to the rest of the project."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from webstack.engine.model.errors import EngineError
from webstack.engine.model.events import Diagnostic, Kind, Observer, ignore
from webstack.engine.model.state import ResourceState
from webstack.engine.model.targets import Targets
from webstack.engine.operations.outputs import outputs
from webstack.engine.planning.target_deletions import require_known, select_deletions
from webstack.engine.program import program
from webstack.engine.program.evaluate import evaluate
from webstack.engine.program.interrupts import NOTICE, handled
from webstack.engine.project import settings
from webstack.engine.project.project import Project
from webstack.engine.project.stack import OpenedStack, open_stack
from webstack.engine.running import recovery
from webstack.engine.running.deletions import protected, protection_error
from webstack.engine.running.refresh import Refresher
from webstack.engine.running.run_options import RunOptions
from webstack.engine.running.run_result import RunResult
from webstack.engine.running.session import RunSession
from webstack.engine.storage import locks

__all__ = [
    "Project",
    "RunOptions",
    "RunResult",
    "destroy",
    "outputs",
    "preview",
    "refresh",
    "settle",
    "up",
]

_DEFAULTS = RunOptions()


def preview(
    project: Project,
    stack: str,
    options: RunOptions = _DEFAULTS,
    observe: Observer = ignore,
    *,
    opened: OpenedStack | None = None,
) -> RunResult:
    """Report what `up` would do. Nothing is written and no lock is taken.

    Where the stack is opened already, its settings and its state are taken as they were then.
    """
    return _foresee(
        _opened_for_program(project, stack, opened), "update", options, observe, _bring_about
    )


def up(
    project: Project, stack: str, options: RunOptions = _DEFAULTS, observe: Observer = ignore
) -> RunResult:
    """Bring the stack to what the program declares."""
    opened = _opened_for_program(project, stack)
    if opened.crypter is None:
        settings.ensure_salt(project, opened.name)
        opened = _opened_as_declared(project, stack)
    return _operate(opened, "update", options, observe, _bring_about)


def destroy(
    project: Project,
    stack: str,
    options: RunOptions = _DEFAULTS,
    observe: Observer = ignore,
    *,
    only_preview: bool = False,
) -> RunResult:
    """Delete every resource of the stack, or those that the options name."""
    run = _foresee if only_preview else _operate
    return run(_opened_as_declared(project, stack), "destroy", options, observe, _tear_down)


def refresh(
    project: Project,
    stack: str,
    options: RunOptions = _DEFAULTS,
    observe: Observer = ignore,
    *,
    only_preview: bool = False,
) -> RunResult:
    """Read every real resource and write what it is like into the state."""
    run = _foresee if only_preview else _operate
    return run(_opened_as_declared(project, stack), "refresh", options, observe, _look_around)


def settle(project: Project, stack: str, observe: Observer = ignore) -> RunResult:
    """Settle the operations that a killed run left pending, and do nothing else."""
    return _operate(_opened(project, stack), "refresh", _DEFAULTS, observe, lambda _session: None)


# ---- what the operations do once they may


def _bring_about(session: RunSession) -> None:
    if not _refreshed(session):
        return
    evaluate(session, lambda complete: _finish_update(session, complete=complete))


def _finish_update(session: RunSession, *, complete: bool) -> None:
    deployment = session.deployment
    if complete and not deployment.stopped:
        everything = session.journal.snapshot().resources
        targets = deployment.settings.targets
        require_known(targets, {item.urn for item in everything})
        session.delete(_chosen(session, deployment.unwanted(), everything))
    session.settle_outputs()


def _refreshed(session: RunSession) -> bool:
    """Refresh first where the caller or the project asks for it; returns whether to go on."""
    if session.options.refresh or session.stack.project.refreshes:
        _look_around(session)
        session.record.counts.clear()
        if session.deployment.stopped:
            return False
        session.reopen()
    return True


def _tear_down(session: RunSession) -> None:
    if not _refreshed(session):
        return
    everything = session.journal.leftover()
    targets = Targets(session.options.targets)
    require_known(targets, {item.urn for item in everything})
    condemned = _chosen(session, everything, everything)
    kept = protected(condemned)
    if kept and not session.options.exclude_protected:
        for resource in kept:
            session.record(protection_error(resource))
        session.deployment.fail()
        return
    session.delete(condemned)


def _chosen(
    session: RunSession, candidates: Sequence[ResourceState], everything: Sequence[ResourceState]
) -> tuple[ResourceState, ...]:
    targets = Targets(session.options.targets)
    dependents_too = session.options.target_dependents
    return select_deletions(targets, candidates, everything, dependents_too=dependents_too)


def _look_around(session: RunSession) -> None:
    everything = session.journal.leftover()
    targets = Targets(session.options.targets)
    require_known(targets, {item.urn for item in everything})
    refresher = Refresher(
        session.journal,
        session.providers,
        session.record,
        preview=session.preview,
        parallel=session.parallel,
    )
    if not refresher.run([item for item in everything if targets.includes(item.urn)]):
        session.deployment.fail()


# ---- how operations are framed


def _opened_for_program(
    project: Project, stack: str, opened: OpenedStack | None = None
) -> OpenedStack:
    """Open the stack, and import the SDK while its key is derived on another core."""
    opened = opened or open_stack(project, stack)
    from webstack.engine.sdk import sdk

    sdk.load_ahead(lambda: opened.crypter is None or opened.crypter.is_ready)
    opened.verify_passphrase()
    opened.verify_settings()
    return opened


def _opened_as_declared(project: Project, stack: str) -> OpenedStack:
    opened = _opened(project, stack)
    opened.verify_settings()
    return opened


def _opened(project: Project, stack: str) -> OpenedStack:
    opened = open_stack(project, stack)
    opened.verify_passphrase()
    return opened


def _foresee(
    opened: OpenedStack,
    kind: Kind,
    options: RunOptions,
    observe: Observer,
    work: Callable[[RunSession], None],
) -> RunResult:
    session = RunSession(opened, kind, options, observe, preview=True)
    session.open(opened.snapshot(session.codec))
    session.start()
    recovery.warn(session.journal, session.record)
    with handled(lambda: _cancel(session), lambda: None):
        with program.surroundings(opened.project, session.record):
            try:
                work(session)
            except EngineError as error:
                session.fail(error)
        return session.finish()


def _operate(
    opened: OpenedStack,
    kind: Kind,
    options: RunOptions,
    observe: Observer,
    work: Callable[[RunSession], None],
) -> RunResult:
    session = RunSession(opened, kind, options, observe, preview=False)
    notices: list[str] = []
    with (
        locks.held(opened.backend, opened.name, notices.append) as lock,
        handled(lambda: _cancel(session), lambda: lock.unlink(missing_ok=True)),
    ):
        opened.backend.sweep(opened.name)
        session.open(opened.load(session.codec))
        session.start()
        for text in notices:
            session.record(Diagnostic("info", text))
        with program.surroundings(opened.project, session.record):
            try:
                recovery.settle(session.journal, session.providers, session.record)
                session.reopen()
                work(session)
            except EngineError as error:
                session.fail(error)
        return session.finish()


def _cancel(session: RunSession) -> None:
    session.record(Diagnostic("warning", NOTICE))
    session.deployment.stop()
