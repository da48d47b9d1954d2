"""Writes a review for a terminal: what happens to which part, and the verdict."""

from __future__ import annotations

from webstack.cli.review.model import Review
from webstack.cli.terminal.tables import table


def closing_words(review: Review) -> str:
    """Write what a preview ends with, and `up` too."""
    rows = [(item.subject, item.words) for item in review.predictions]
    told = f"{table(('WHAT', 'HAPPENS'), rows)}\n\n" if rows else ""
    return f"{told}{review.headline}."
