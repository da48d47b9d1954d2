"""A review for a terminal: what happens to which part, and the verdict."""

from __future__ import annotations

from ops.review.model import Review
from ops.tables import table


def closing_words(review: Review) -> str:
    """What a preview ends with, and `up` too."""
    rows = [(item.subject, item.words) for item in review.predictions]
    told = f"{table(('WHAT', 'HAPPENS'), rows)}\n\n" if rows else ""
    return f"{told}{review.verdict}."
