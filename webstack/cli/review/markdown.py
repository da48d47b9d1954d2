"""Writes a review as the comment on a pull request."""

from __future__ import annotations

from msgspec.structs import replace

from webstack.cli.review.model import Review
from webstack.cli.review.sections import Section, plain, sections
from webstack.contract import plain_text

LIMIT = 65_536
"""Characters that GitHub takes; GitLab takes more."""
_ROOM = 120
"""For what says that something was cut."""


def marker(review: Review) -> str:
    """Return what tells the comment of one environment from all others; it is not shown."""
    return f"<!-- webstack preview of {review.project}/{review.stack} -->"


def full_text(review: Review, note: str = "") -> str:
    """Write the whole review, however long."""
    return _joined(review, note, list(map(str, sections(review))))


def comment(review: Review, note: str = "", limit: int = LIMIT) -> str:
    """Write the review within ``limit`` characters; the least important lines go first."""
    whole = full_text(review, note)
    if len(whole) <= limit:
        return whole
    listed = list(sections(review))
    excess = len(whole) - limit + _ROOM
    kept: dict[int, str] = {index: str(section) for index, section in enumerate(listed)}
    for index in sorted(kept, key=lambda index: (listed[index].weight, -index)):
        if excess <= 0:
            break
        before = len(kept.pop(index)) + 2
        shortened = _shortened(listed[index], excess)
        if shortened:
            kept[index] = shortened
            before -= len(shortened) + 2
        excess -= before
    left_out = len(listed) - len(kept)
    notes = [_elsewhere(left_out, "section")] if left_out else []
    return _joined(review, note, [*(kept[index] for index in sorted(kept)), *notes])


def _joined(review: Review, note: str, listed: list[str]) -> str:
    stack = f" · {plain(review.stack)}" if review.stack else ""
    first = f"**{plain(review.headline)}**{stack}"
    quoted = [f"> {plain_text.line(' '.join(note.split()))}"] if note else []
    return "\n\n".join([first, *quoted, *listed, marker(review)]) + "\n"


def _shortened(section: Section, excess: int) -> str:
    """Shorten a section by its last lines, which a note stands for; empty if none would be left.

    Of a first line that is too long itself its beginning is left, but for a row of a table.
    """
    lines = list(section.lines)
    excess += _ROOM
    while excess > 0 and len(lines) > section.head:
        excess -= len(lines.pop()) + 1
    if not lines and -excess > _ROOM:
        lines = [f"{section.lines[0][: -excess - 1]}…"]
    if len(lines) == section.head:
        return ""
    note = _elsewhere(len(section.lines) - len(lines), "line")
    return str(replace(section, lines=(*lines, f"| {note} |" if section.head else note)))


def _elsewhere(count: int, what: str) -> str:
    if not count:
        return "… the rest of the line is in the full text."
    return f"… {count} more {what}{' is' if count == 1 else 's are'} in the full text."
