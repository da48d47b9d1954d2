"""Deploy under steady load and count the requests that fail: none should.

It needs a Docker daemon. It works on a copy of the project under a name and a port of its own, and
takes everything away in the end.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.load import compose, trial
from benchmarks.load.clients import Traffic
from benchmarks.load.compose import Compose
from benchmarks.load.generator import Load
from benchmarks.load.measure import failures, measured, table
from benchmarks.load.records import Result
from benchmarks.load.scenarios import FAULTS, SCENARIOS, Scenario
from benchmarks.load.streams import Promise
from benchmarks.load.trial import Trial


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the scenarios until enough requests were sent; exit code 1 if a request failed."""
    options = _parser().parse_args(arguments)
    traffic = Traffic(options.rate, options.slow, options.streams)
    chosen = [scenario for scenario in SCENARIOS if options.only in scenario.name]
    faults = [scenario for scenario in FAULTS if options.only in scenario.name]
    with (
        tempfile.TemporaryDirectory() as name,
        trial.made(Path(name, "project"), options.engine, options.grace) as made,
    ):
        if options.show:
            made.shown = partial(print, flush=True)
        image = made.image("service")
        ours = _together(run(made, traffic, options.requests, chosen)) if chosen else []
        others = _together(run(made, traffic, 1, faults)) if faults else []
        peer = Compose(Path(name), f"{made.project}-peer", made.image("proxy"), image, made.grace)
        if options.compose:
            others += _together(compare(peer, made.image("service"), traffic))
    total = sum(ours, Result("all"))
    print(*table([*ours, total]), *failures(ours), sep="\n")
    if others:
        print("", *table(others), *failures(others), sep="\n")
    return 1 if total.failed else 0


def run(
    made: Trial, traffic: Traffic, requests: int, scenarios: Iterable[Scenario]
) -> Iterator[Result]:
    """Measure each scenario once, then repeat them until so many requests were sent."""
    promise, chosen = Promise(made.project, made.grace), list(scenarios)
    with Load(made.port, traffic, made.root.with_name("met")) as load:
        for number, each in enumerate(itertools.cycle(chosen)):
            if number >= len(chosen) and requests <= 0:
                return
            each.prepare(made)
            found = measured(each.name, partial(each.run, made), load, promise)
            requests -= found.requests
            yield found


def compare(peer: Compose, other_image: str, traffic: Traffic) -> Iterator[Result]:
    """Measure docker-compose with the same images, where it is installed."""
    if not compose.installed():
        print(f"{compose.COMMAND} is not installed: nothing to compare with", file=sys.stderr)
        return
    quiet = replace(traffic, streams=False)
    with compose.running(peer), Load(peer.port, quiet, peer.folder / "met by peer") as load:
        for name, act in compose.scenarios(peer, other_image):
            yield measured(f"docker-compose: {name}", act, load, None)


def _together(results: Iterable[Result]) -> list[Result]:
    """Print each result as it comes, and add up the results of the same scenario."""
    found: dict[str, Result] = {}
    for each in results:
        print(*table([each]), *failures([each]), sep="\n", file=sys.stderr, flush=True)
        found[each.name] = found.get(each.name, Result(each.name)) + each
    return list(found.values())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.deploy_under_load", description=__doc__
    )
    add = parser.add_argument
    add("--engine", choices=("embedded", "pulumi"), default="embedded", help="what deploys")
    add("--requests", type=int, default=100_000, help="repeat until so many were sent (100,000)")
    add("--rate", type=float, default=300, help="short requests a second (300)")
    add("--slow", type=float, default=5, help="seconds that a slow request takes (5)")
    add("--grace", type=int, default=8, help="seconds that requests get when one stops (8)")
    add("--no-streams", dest="streams", action="store_false", help="hold no streams open")
    add("--no-compose", dest="compose", action="store_false", help="leave docker-compose out")
    add("--show", action="store_true", help="print what each deployment prints")
    add("--only", default="", metavar="TEXT", help="only scenarios with this in their name")
    return parser


if __name__ == "__main__":
    sys.exit(main())
