"""Measures nginx beside an earlier commit, a bare nginx, Caddy and HAProxy, all in one run.

Run from the project's folder, with a Docker daemon and wrk: python -m benchmarks.proxy

All take turns for a moment, several times; medians are printed. CPU is what counts on a busy
machine: of the container, and of the daemon with its helpers, for each request.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from benchmarks.proxy.costs import Turn, median
from benchmarks.proxy.field import Field

PINNED = "da05fc3"
_HEADINGS = ("req/s", "p50 ms", "p99 ms", "µs CPU", "µs daemon", "rate", "CPU")


def main() -> None:
    """Measure in turns, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", default=PINNED, metavar="COMMIT", help="what to compare with")
    parser.add_argument("--rounds", type=int, default=3, help="how often each takes its turn")
    parser.add_argument("--seconds", type=int, default=3, help="how long a turn is")
    options = parser.parse_args()
    with Field(options.against, options.seconds) as field:
        for title, measured in field.rounds(options.rounds):
            print(f"\n**{title}**\n")
            sys.stdout.writelines(table({name: median(each) for name, each in measured.items()}))
            sys.stdout.flush()


def table(found: dict[str, Turn]) -> Iterator[str]:
    """Write a table; rates and CPU are also given against those of the first row."""
    yield f"| | {' | '.join(_HEADINGS)} |\n"
    yield f"|---|{'---:|' * len(_HEADINGS)}\n"
    first, *_ = found.values()
    for name, each in found.items():
        both = (each.server + each.daemon) / (first.server + first.daemon)
        figures: Sequence[str] = (
            f"{each.rate:,.0f}",
            f"{each.half:.2f}",
            f"{each.slow:.2f}",
            f"{each.server:.1f}",
            f"{each.daemon:.1f}",
            f"x{each.rate / first.rate:.2f}",
            f"x{both:.2f}",
        )
        yield f"| {name} | {' | '.join(figures)} |\n"


if __name__ == "__main__":
    main()
