"""What a change would do, found out before anything is done, and refused where data would go."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from webstack.cli.backends.composition import Session
from webstack.cli.backends.runner import Options, Plan
from webstack.cli.backends.scratch_state import shadow
from webstack.cli.review.document import Document, checked
from webstack.cli.review.losses import name_of
from webstack.cli.review.model import Review
from webstack.cli.review.reading import review
from webstack.cli.terminal.errors import OpsError
from webstack.engine.model import urn as urns

FLAG = "--allow-data-loss"


class Foresight(msgspec.Struct, frozen=True):
    """A preview, and what it means."""

    plan: Plan
    document: Document
    review: Review

    @property
    def lost(self) -> tuple[str, ...]:
        """URNs of the data volumes that would go."""
        return self.review.lost

    def code(self, *, allowed: bool) -> int:
        """Exit code of the preview; data that would be lost is an error unless that is allowed."""
        return self.plan.code or int(bool(self.lost) and not allowed)


def foresee(
    session: Session,
    options: Options,
    sizes: Mapping[str, int] | None = None,
    *,
    loss_allowed: bool = False,
) -> Foresight:
    """Preview the stack, shown unless the options are quiet, and read what it means.

    Where data may go, it is previewed as it will be once its protection is lifted.
    """
    first = _read(session, replace(options, quiet=options.quiet or loss_allowed), sizes)
    if not loss_allowed:
        return first
    with shadow(session) as copy:
        if first.lost:
            copy.runner.unprotect(first.lost)
        return _read(copy, options, sizes, loss_allowed=True)


def _read(
    session: Session,
    options: Options,
    sizes: Mapping[str, int] | None,
    *,
    loss_allowed: bool = False,
) -> Foresight:
    """Preview once; a document that holds only an error is one of this stack, too."""
    plan = session.runner.preview(options)
    stack = urns.stack_urn(session.stack, session.project.name)
    named = {"steps": [{"op": "same", "urn": stack}], **plan.document}
    document = checked(named)
    found = review(document, sizes, loss_allowed=loss_allowed)
    return Foresight(replace(plan, document=named), document, found)


def refuse_data_loss(lost: Sequence[str], options: Namespace, way_out: str) -> None:
    """Raise OpsError where data would be lost and that was not allowed."""
    if lost and not options.allow_data_loss:
        names = ", ".join(sorted(map(name_of, lost)))
        raise OpsError(f"this would lose the data of {names}", f"{way_out}, or say {FLAG}")


def protected(session: Session) -> list[str]:
    """URNs of what the stack's state protects."""
    exported = json.loads(session.records.export())
    resources = exported.get("deployment", {}).get("resources") or ()
    return [str(resource["urn"]) for resource in resources if resource.get("protect")]
