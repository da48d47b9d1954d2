"""Writes a review for a terminal: what happens to which part, and the verdict."""

from __future__ import annotations

from webstack.cli.review.model import Review
from webstack.cli.terminal.tables import table
from webstack.contract import plain_text


def closing_words(review: Review) -> str:
    """Write what a preview ends with, and `up` too."""
    rows = [(item.subject, item.words) for item in review.predictions]
    told = f"{table(('WHAT', 'HAPPENS'), rows)}\n\n" if rows else ""
    own = [
        plain_text.line(f"{each.service}: {each.path}: {each.words}") for each in review.migrations
    ]
    migrations = "".join(f"{line}\n" for line in [*own, ""]) if own else ""
    return f"{told}{migrations}{review.headline}."
