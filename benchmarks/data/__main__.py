"""Measure databases, caches, queues and backups beside what one would have without webstack.

Every figure stands beside one of the same images, limits and machine: a socket beside TCP, our
tuning beside Debian's defaults, pgBackRest beside pg_dump and zstd, our Celery beside its own
defaults.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.data import backups, jobs, pages, queries
from benchmarks.data.servers import Place, docker
from infra.model.tuning import tuning
from infra.settings.data_servers import Postgres
from tests.deployment import Deployment, copied

SHOP = {"source": "tests/applications/ledger", "path": "/", "needs": ["postgres", "valkey"]}
NEEDED = ("postgres", "valkey", "shop")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code is 0 whatever was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.data", description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="runs, of which the median counts (3)")
    parser.add_argument("--seconds", type=int, default=6, help="of each measurement (6)")
    parser.add_argument("--scale", type=int, default=20, help="of pgbench; 20 is 300 MB (20)")
    parser.add_argument("--tasks", type=int, default=3000, help="tasks of Celery (3000)")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="webstack-bench-") as folder,
        copied(Path(folder) / "project") as deployment,
        Place(images_of(deployment)).made() as place,
    ):
        for line in report(place, options):
            print(line, flush=True)
    return 0


def images_of(deployment: Deployment) -> dict[str, str]:
    """Give the images that a stack makes for what it needs; its containers go at once."""
    deployment.change_settings(lambda config: config.update({"webstack:services": {"shop": SHOP}}))
    deployment.up()
    names = docker("ps", "--filter", f"label=webstack.project={deployment.project}", "-q").split()
    found = {}
    for name in names:
        image = docker("inspect", "-f", "{{.Config.Image}}", name)
        found[image.partition(":")[0].rpartition("/")[2]] = image
    docker("stop", *names)
    return {name: found[name] for name in NEEDED}


def report(place: Place, options: argparse.Namespace) -> Iterator[str]:
    """Give the lines of the tables, each when it is measured."""
    words = settings(256)
    runs = [dict(pages.measured(place, words, options.seconds)) for _ in range(options.times)]
    yield "| a page with five queries, 4 threads | pages/s |"
    yield "|---|---:|"
    for way in runs[0]:
        yield f"| {way} | {statistics.median(run[way] for run in runs):,.0f} |"
    yield ""
    load = f"pgbench, scale {options.scale}, {queries.CLIENTS} clients"
    yield f"| {load} | ours | Debian's defaults | times |"
    yield "|---|---:|---:|---:|"
    for memory in (256, 1024):
        yield _pgbench(place, memory, options)
    yield ""
    yield "| backup, seconds per GB | pgBackRest | pg_dump, zstd | share |"
    yield "|---|---:|---:|---:|"
    for what, own, other in backups.measured(place, settings(1024), options.scale):
        yield f"| {what} | {own:.1f} | {other:.1f} | {own / other:.2f} |"
    yield ""
    own, stock = jobs.measured(place, options.tasks)
    yield "| Celery, 2 processes | on a socket, our settings | stock, by TCP | times |"
    yield "|---|---:|---:|---:|"
    yield f"| tasks/s | {own:,.0f} | {stock:,.0f} | {own / stock:.2f} |"


def settings(memory: int) -> list[str]:
    """Give the settings of a server with so many MiB; before the first backup it keeps no log."""
    own = {**tuning(Postgres(memory=memory)), "listen_addresses": "*"}
    return [word for name, value in own.items() for word in ("-c", f"{name}={value}")]


def _pgbench(place: Place, memory: int, options: argparse.Namespace) -> str:
    """Measure both in turns, so that what the machine does beside falls on both."""
    rates: dict[str, list[queries.Rate]] = {"ours": [], "defaults": []}
    for _ in range(options.times):
        for name, words in (("ours", settings(memory)), ("defaults", [])):
            rate = queries.measured(place, memory, words, options.seconds, options.scale)
            rates[name].append(rate)
    own, other = (
        statistics.median(rate.per_second for rate in rates[name]) for name in ("ours", "defaults")
    )
    killed = {name: sum(rate.killed for rate in each) for name, each in rates.items()}
    told = "".join(f", {name}: killed {count} times" for name, count in killed.items() if count)
    return f"| {memory} MiB{told} | {own:,.0f} tps | {other:,.0f} tps | {own / other:.2f} |"


if __name__ == "__main__":
    sys.exit(main())
