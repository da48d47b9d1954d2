"""Plain aligned text tables; no dependency, since importing one costs more than the table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from webstack.contract import plain_text


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows below their headings, columns two blanks apart.

    >>> print(table(["SERVICE", "URL"], [["flask", "http://localhost:8080/"]]))
    SERVICE  URL
    flask    http://localhost:8080/
    """
    lines = [[plain_text.line(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def local_time(text: str) -> str:
    """Turn an ISO time into what a clock on this machine would show, to the second.

    >>> len(local_time("2026-11-21T10:00:00+00:00"))
    19
    """
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
