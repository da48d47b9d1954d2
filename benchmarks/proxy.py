"""Measure what static files cost nginx: requests a second and CPU seconds, now and at a commit.

Run it from the project's folder, with a Docker daemon and wrk: python -m benchmarks.proxy

Both configurations run in turns on the image of now, each for a moment, several times. The medians
are printed. CPU seconds are those of nginx's container, so that they hold on a busy machine, too.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

import docker
from docker.models.containers import Container

from proxy import Site, paths
from tests import bases
from tests.proxy.containers import PYTHON, Town, put, run

PINNED = "da05fc3"
ROOT = Path(__file__).parents[1]
SIZES = {"1 KB": 1024, "4 KB": 4096, "100 KB": 102400}
_CONFIGURATION = """
import sys
from proxy import RoutedService, Site, render
shop = RoutedService("plain", path="/", static=True)
sys.stdout.write(render(Site(hosts=("site.test",), backends=(shop,), workers=int(sys.argv[1]))))
"""
"""The program that prints nginx.conf; it runs in the sources that are measured."""


class Measured(NamedTuple):
    """The figures of one turn, from wrk and from the daemon."""

    rate: float
    microseconds: float


def main() -> None:
    """Measure both configurations in turns, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", default=PINNED, metavar="COMMIT", help="what to compare with")
    parser.add_argument("--rounds", type=int, default=3, help="how often each takes its turn")
    parser.add_argument("--seconds", type=int, default=4, help="how long a turn is")
    options = parser.parse_args()
    bases.made()
    with tempfile.TemporaryDirectory() as folder:
        checked_out(options.against, Path(folder))
        # Of one CPU: as it was, and as the program asks for now.
        texts = {options.against: configuration(Path(folder), 2), "now": configuration(ROOT, 1)}
    found = measured(texts, options.rounds, options.seconds)
    print("| file | " + " | ".join(f"{name}: req/s, µs CPU" for name in texts) + " | CPU |")
    print("|---|" + "---:|" * (len(texts) + 1))
    for size in SIZES:
        rows = [median(found[name, size]) for name in texts]
        told = " | ".join(f"{each.rate:,.0f}, {each.microseconds:.1f}" for each in rows)
        print(f"| {size} | {told} | x{rows[1].microseconds / rows[0].microseconds:.2f} |")


def checked_out(commit: str, folder: Path) -> None:
    """Lay the sources of a commit into a folder."""
    command = ["git", "archive", commit, "proxy", "webstack"]
    packed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(folder, filter="data")


def configuration(sources: Path, workers: int) -> str:
    """Give nginx.conf as the sources in a folder write it."""
    command = [sys.executable, "-c", _CONFIGURATION, str(workers)]
    done = subprocess.run(command, cwd=sources, check=True, capture_output=True, text=True)
    return done.stdout


def measured(
    texts: dict[str, str], rounds: int, seconds: int
) -> dict[tuple[str, str], list[Measured]]:
    """Measure all configurations by turns; gives the turns by configuration and size in bytes."""
    client = docker.from_env(timeout=300)
    image, _ = client.images.build(path=str(ROOT / "proxy"), buildargs={"PYTHON": PYTHON}, rm=True)
    town = Town(client, image.id)
    found: dict[tuple[str, str], list[Measured]] = {}
    try:
        town.holder()
        nginx = town.nginx(Site())
        nginx.update(cpu_period=100_000, cpu_quota=100_000)  # one CPU, as the default is
        run(nginx, f"mkdir -p {paths.static('plain')}")
        for size, length in SIZES.items():
            put(nginx, f"{paths.static('plain')}/{_file(size)}", b"a" * length)
        for _ in range(rounds):
            for name, text in texts.items():
                put(nginx, paths.CONFIGURATION, text.encode())
                run(nginx, "webstack-reload")
                for size in SIZES:
                    turn = _turn(nginx, town.address(), _file(size), seconds)
                    found.setdefault((name, size), []).append(turn)
    finally:
        town.clear()
        client.close()
    return found


def median(turns: list[Measured]) -> Measured:
    """Give the medians of some turns."""
    rates, costs = zip(*turns, strict=True)
    return Measured(statistics.median(rates), statistics.median(costs))


def _file(size: str) -> str:
    return f"{size.replace(' ', '').lower()}.0123456789ab.css"


def _turn(nginx: Container, address: str, file: str, seconds: int) -> Measured:
    before = _cpu(nginx)
    command = ["wrk", "-t1", "-c64", f"-d{seconds}s", "-H", "Host: site.test"]
    command += [f"http://{address}:{paths.PORT}/static/{file}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(said)
    [total] = re.findall(r"(\d+) requests in", said)
    [rate] = re.findall(r"Requests/sec:\s+([\d.]+)", said)
    return Measured(float(rate), (_cpu(nginx) - before) / 1000 / int(total))


def _cpu(nginx: Container) -> int:
    """Give the CPU time that a container has used, in nanoseconds."""
    return int(nginx.stats(stream=False)["cpu_stats"]["cpu_usage"]["total_usage"])


if __name__ == "__main__":
    main()
