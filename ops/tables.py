"""Plain aligned text tables; no dependency, since importing one costs more than the table."""

from __future__ import annotations

from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows below their headings, columns two blanks apart.

    >>> print(table(["SERVICE", "URL"], [["flask", "http://localhost:8080/"]]))
    SERVICE  URL
    flask    http://localhost:8080/
    """
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
