"""Writes the table of policies in docs/policies.md: `python -m infra.policies.table` does it."""

from __future__ import annotations

import re
from pathlib import Path

from infra.policies.checking import all_policies
from infra.policies.policy import Policy, StackPolicy

DOCUMENT = Path(__file__).parents[2] / "docs" / "policies.md"
ENVIRONMENTS = ("dev", "staging", "production")
_PLACE = re.compile(r"(?<=<!-- policies -->\n).*?(?=<!-- /policies -->)", re.DOTALL)


def table() -> str:
    """Write one row for each policy: its name, what it asks for, its levels, how to obey it."""
    lines = [
        f"| policy | what holds | {' | '.join(ENVIRONMENTS)} | fix |",
        f"|---|---|{'---|' * len(ENVIRONMENTS)}---|",
        *(_row(each) for each in all_policies()),
    ]
    return "".join(f"{line}\n" for line in lines)


def _row(each: Policy | StackPolicy) -> str:
    levels = " | ".join(each.level(environment).value for environment in ENVIRONMENTS)
    return f"| `{each.name}` | {each.title} | {levels} | {each.fix} |"


def rewritten(document: str) -> str:
    """Give the document with the present table in its place."""
    return _PLACE.sub(lambda _: table(), document, count=1)


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text()))
