"""Write the reviews of the recorded previews anew.

python -m tests.webstack.cli.review.write_golden
"""

from __future__ import annotations

from pathlib import Path

from webstack.cli.review.document import parse
from webstack.cli.review.markdown import full_text
from webstack.cli.review.reading import review

RECORDINGS = Path(__file__).parents[3] / "recordings" / "previews"
GOLDEN = Path(__file__).parent / "golden"
CASES = sorted({file.name.partition(".")[0] for file in RECORDINGS.iterdir()})


def recording(case: str, engine: str) -> bytes:
    """Give the recorded output of an engine (cli, embedded) for a kind of change."""
    return (RECORDINGS / f"{case}.{engine}.json").read_bytes()


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / f"{name}.md").write_text(full_text(review(parse(recording(name, "cli")))))
