"""Reads from a preview all that a reviewer is told about it."""

from __future__ import annotations

import difflib

from webstack.cli.review.changes import changes, setting_changes
from webstack.cli.review.data_loss import completed, is_about, lost_volumes
from webstack.cli.review.document import Document
from webstack.cli.review.headline import headline
from webstack.cli.review.images import image_changes
from webstack.cli.review.migrations import migrations
from webstack.cli.review.model import Review
from webstack.cli.review.predictions import predictions
from webstack.cli.review.values import redacted


def review(document: Document, *, loss_allowed: bool = False) -> Review:
    """Tell what a preview means."""
    document = completed(document)
    project, stack = document.stack
    foreseen = predictions(document, loss_allowed=loss_allowed)
    lost = lost_volumes(document)
    errors = tuple(
        redacted(item.message).strip().removeprefix("error: ")
        for item in document.errors
        if not is_about(item.message, lost)
    )
    return Review(
        project,
        stack,
        headline(foreseen, len(document.changes), len(errors)),
        foreseen,
        changes(document),
        tuple(image_changes(document)),
        tuple(setting_changes(document)),
        _configuration(document),
        errors,
        lost,
        migrations(document),
    )


def _configuration(document: Document) -> tuple[str, ...]:
    """Return the lines of the unified diff of nginx.conf; none where it stays, or is the first."""
    for step in document.changes:
        before, after = step.before.get("configuration"), step.after.get("configuration")
        if step.kind == "Release" and isinstance(before, str) and isinstance(after, str):
            old, new = redacted(before).splitlines(), redacted(after).splitlines()
            names = ("nginx.conf (now)", "nginx.conf (then)")
            return tuple(difflib.unified_diff(old, new, *names, lineterm="", n=3))
    return ()
