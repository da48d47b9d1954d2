"""What can be done with a stack; the engine's face to the rest of the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import checkpoint, locks
from . import urn as urns
from .checkpoint import Codec
from .errors import EngineError
from .evaluate import evaluate
from .events import Diagnostic, Observer, ignore
from .interrupts import NOTICE, handled
from .outcome import Options, Outcome
from .project import Project
from .session import Session
from .stack import Stack, backend_of, open_stack, stack_name
from .state import Resource
from .values import Secret, plain

__all__ = ["Options", "Outcome", "Project", "outputs", "preview", "up"]


def preview(
    project: Project, stack: str, options: Options | None = None, observe: Observer = ignore
) -> Outcome:
    """Tell what `up` would do; nothing is written and no lock is taken."""
    opened = open_stack(project, stack)
    opened.verify_passphrase()
    session = Session(opened, "update", options or Options(), observe, preview=True)
    session.open(opened.load(session.codec))
    session.start()
    _bring_about(session)
    return session.finish()


def up(
    project: Project, stack: str, options: Options | None = None, observe: Observer = ignore
) -> Outcome:
    """Bring the stack to what the program declares."""
    return _operate(project, stack, "update", options, observe, _bring_about)


def outputs(project: Project, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
    """Give the stack's outputs; secret ones as ``[secret]`` unless they may be shown."""
    if show_secrets:
        opened = open_stack(project, stack)
        snapshot = opened.load(opened.codec())
    else:
        text = backend_of(project).read(stack_name(project, stack))
        snapshot = Codec(None).decode(checkpoint.deployment_of(text))
    for resource in snapshot.resources:
        if resource.type == urns.STACK_TYPE and not resource.delete:
            return {key: shown(value, show=show_secrets) for key, value in resource.outputs.items()}
    return {}


def shown(value: Any, *, show: bool = False) -> Any:
    """Give a value for display: secrets blanked at any depth unless they may be shown."""
    if show:
        return plain(value)
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list) else value


def _bring_about(session: Session) -> None:
    def delete_the_rest(complete: bool) -> None:
        if complete and not session.deployment.stopped:
            session.delete(_unwanted(session))
        session.settle_outputs()

    evaluate(session, delete_the_rest)


def _unwanted(session: Session) -> tuple[Resource, ...]:
    seen, targets = session.deployment.seen, session.deployment.is_target
    return tuple(
        resource
        for resource in session.journal.leftover()
        if (resource.delete or not seen(resource.urn)) and targets(resource.urn)
    )


def _operate(
    project: Project,
    stack: str,
    kind: Any,
    options: Options | None,
    observe: Observer,
    work: Callable[[Session], None],
) -> Outcome:
    opened = open_stack(project, stack)
    opened.verify_passphrase()
    session = Session(opened, kind, options or Options(), observe, preview=False)

    def notice(text: str) -> None:
        session.record(Diagnostic("info", text))

    with (
        locks.held(opened.backend, opened.name, notice) as lock,
        handled(lambda: _cancel(session), lambda: lock.unlink(missing_ok=True)),
    ):
        return _carry_through(session, opened, work)


def _carry_through(session: Session, opened: Stack, work: Callable[[Session], None]) -> Outcome:
    session.open(opened.load(session.codec))
    session.start()
    try:
        work(session)
        return session.finish()
    except EngineError as error:
        session.deployment.fail(str(error))
        return session.conclude()


def _cancel(session: Session) -> None:
    session.record(Diagnostic("warning", NOTICE))
    session.deployment.stop()
