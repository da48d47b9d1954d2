"""Finds out what a change would do before anything is done; refuses it where data would go."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec.structs import replace

from webstack.cli.backends.composition import StackSession
from webstack.cli.backends.runner import OperationOptions, PreviewResult
from webstack.cli.backends.scratch_state import scratch_session
from webstack.cli.review.data_loss import name_of
from webstack.cli.review.document import Document, checked
from webstack.cli.review.model import Review
from webstack.cli.review.reading import review
from webstack.cli.state.stack_state import StackState
from webstack.cli.terminal.errors import OpsError
from webstack.engine.model import urn as urns
from webstack.engine.model.errors import EngineError

FLAG = "--allow-data-loss"
Look = Callable[[Document], Mapping[str, Any]]


class DryRun(msgspec.Struct, frozen=True):
    """Holds a preview, and what it means."""

    plan: PreviewResult
    document: Document
    review: Review

    @property
    def unwritten(self) -> tuple[str, ...]:
        """URNs of protected volumes that would go and hold nothing."""
        return tuple(self.document.unwritten)

    @property
    def lost(self) -> tuple[str, ...]:
        """List the URNs of the data volumes that would go."""
        return self.review.lost

    def code(self, *, allowed: bool) -> int:
        """Exit code of the preview; data that would be lost is an error unless that is allowed."""
        return self.plan.code or int(bool(self.lost) and not allowed)


def dry_run(
    session: StackSession,
    options: OperationOptions,
    look: Look | None = None,
    *,
    loss_allowed: bool = False,
) -> DryRun:
    """Preview the stack, shown unless the options are quiet, and read what it means.

    ``look`` gives what the document shall hold beside.

    Where data may go, or is none, it is previewed as it will be once its protection is lifted.
    """
    first = _read(session, replace(options, quiet=options.quiet or loss_allowed), look)
    empty = unwritten(session, first.lost)
    if not loss_allowed and not empty:
        return first
    with scratch_session(session) as copy:
        going = first.lost if loss_allowed else empty
        if going:
            copy.runner.unprotect(going)
        return _read(copy, options, look, loss_allowed=loss_allowed, empty=empty)


def unwritten(session: StackSession, urns: Sequence[str]) -> tuple[str, ...]:
    """Give those of these volumes that hold nothing; none where no daemon answers."""
    if not urns:
        return ()
    from webstack.cli.daemon import unwritten as daemon  # the Docker client takes its time
    from webstack.cli.daemon.containers import StackOnDocker

    with suppress(OpsError, EngineError):
        names = StackState(session.records.export()).volumes_by_urn()
        asked = {urn: names[urn] for urn in urns if urn in names}
        docker = StackOnDocker(session.project.name, session.stack)
        found = daemon.unwritten(docker.api, asked.values())
        return tuple(urn for urn, name in asked.items() if name in found)
    return ()


def _read(
    session: StackSession,
    options: OperationOptions,
    look: Look | None,
    *,
    loss_allowed: bool = False,
    empty: Sequence[str] = (),
) -> DryRun:
    """Preview once; a document that holds only an error is one of this stack, too."""
    plan = session.runner.preview(options)
    stack = urns.stack_urn(session.stack, session.project.name)
    named = {"steps": [{"op": "same", "urn": stack}], **plan.document}
    if empty:
        named["unwritten"] = list(empty)
    document = checked(named)
    if look and (more := look(document)):
        named |= more
        document = checked(named)
    found = review(document, loss_allowed=loss_allowed)
    return DryRun(replace(plan, document=named), document, found)


def refuse_data_loss(lost: Sequence[str], options: Namespace, way_out: str) -> None:
    """Raise OpsError where data would be lost and that was not allowed."""
    if lost and not options.allow_data_loss:
        names = ", ".join(sorted(map(name_of, lost)))
        raise OpsError(f"this would lose the data of {names}", f"{way_out}, or say {FLAG}")


def protected(session: StackSession) -> list[str]:
    """List the URNs of what the stack's state protects."""
    exported = json.loads(session.records.export())
    resources = exported.get("deployment", {}).get("resources") or ()
    return [str(resource["urn"]) for resource in resources if resource.get("protect")]
