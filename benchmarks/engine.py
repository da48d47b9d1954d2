"""Time the embedded engine, beside the Pulumi CLI where one is on PATH.

``python -m benchmarks.engine`` measures the commands `webstack` and `pulumi` on projects of its own
in a temporary folder: a no-op preview over 100 to 1,000 resources, which needs no Docker, and, with
``--docker``, the life of a small Docker stack: first up with an image to build, no-op up and
preview, destroy. Medians of ``--rounds``; ``--plot`` draws the times over the number of resources.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.plot import line_chart

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {"PULUMI_CONFIG_PASSPHRASE": "x", "PULUMI_SKIP_UPDATE_CHECK": "1"}
SIZES = (100, 250, 500, 1000)

MANY = """
import pulumi

class Part(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("bench:app:Part", name, inputs, opts)
        self.register_outputs({{"size": inputs["size"]}})

for number in range({count}):
    Part(f"part-{{number}}", size=number, words=["a", "b", {{"c": number}}])
"""

STACK = """
import pulumi
import pulumi_docker as docker

network = docker.Network("net", name="{tag}")
built = docker.Image("built", image_name="{tag}:1", skip_push=True,
    build=docker.DockerBuildArgs(context="app", platform="linux/amd64"))
for name in ("one", "two", "three"):
    volume = docker.Volume(name, name=f"{tag}-{{name}}")
    docker.Container(name, name=f"{tag}-{{name}}", image=built.repo_digest,
        command=["sleep", "600"], must_run=True, destroy_grace_seconds=0,
        networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=network.name)],
        volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path="/data")])
"""


@dataclass(frozen=True)
class Taken:
    """The seconds and the memory that one process took."""

    seconds: float
    megabytes: float


Runner = Callable[[Path, str], Taken]
Measured = dict[str, list[Taken]]
Many = tuple[int, Measured]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often, for the medians")
    parser.add_argument("--docker", metavar="IMAGE", help="also run containers of this image")
    parser.add_argument("--plot", type=Path, metavar="SVG", help="draw the no-op previews")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        runners = dict(_runners(Path(folder, "home")))
        many = _many(Path(folder), runners, options.rounds)
        _print([_head("no-op preview", runners), *map(_many_row, many)])
        if options.plot:
            options.plot.write_text(_chart(many))
        if options.docker:
            _print(_stack(Path(folder), runners, options.rounds, options.docker))
    return 0


def _runners(home: Path) -> Iterator[tuple[str, Runner]]:
    yield "engine", lambda root, operation: _taken(_engine(operation), root, home)
    if shutil.which("pulumi"):
        yield "pulumi", lambda root, operation: _taken(_pulumi(operation), root, home)


def _many(folder: Path, runners: dict[str, Runner], rounds: int) -> list[Many]:
    """Measure a no-op preview for each number of resources."""
    found = []
    for count in SIZES:
        root = _project(folder / f"many-{count}", MANY.format(count=count))
        runners["engine"](root, "up")
        found.append((count, _rounds(root, "preview", runners, rounds)))
    return found


def _many_row(many: Many) -> list[str]:
    count, taken = many
    return [f"{count} resources", *_cells(taken)]


def _chart(many: list[Many]) -> str:
    series = {name: [(count, _median(taken[name])) for count, taken in many] for name in many[0][1]}
    return line_chart("A preview that finds nothing to do", "resources", "seconds", series)


def _stack(folder: Path, runners: dict[str, Runner], rounds: int, image: str) -> list[list[str]]:
    """Give a row for each operation in the life of a small stack."""
    tag = f"bench-{secrets.token_hex(3)}"
    root = _project(folder / "stack", STACK.format(tag=tag))
    (root / "app").mkdir()
    (root / "app" / "Dockerfile").write_text(f"FROM {image}\nCOPY . /app/\nRUN cat /app/fresh\n")
    rows = [_head("Docker stack", runners)]
    first: Measured = {name: [] for name in runners}
    last: Measured = {name: [] for name in runners}
    for _ in range(min(rounds, 3)):
        for name, runner in runners.items():
            (root / "app" / "fresh").write_text(secrets.token_hex())
            first[name].append(runner(root, "up"))
            last[name].append(runner(root, "destroy"))
    runners["engine"](root, "up")
    try:
        rows.append(["first up", *_cells(first)])
        rows.append(_row("no-op up", root, "up", runners, rounds))
        rows.append(_row("no-op preview", root, "preview", runners, rounds))
        rows.append(["destroy", *_cells(last)])
    finally:
        runners["engine"](root, "destroy")
        subprocess.run(["docker", "rmi", "--force", f"{tag}:1"], check=True, capture_output=True)
    return rows


def _project(root: Path, program: str) -> Path:
    root.mkdir()
    (root / "Pulumi.yaml").write_text(
        "name: bench\nruntime:\n  name: python\n  options:\n    toolchain: pip\n"
        f"    virtualenv: {sys.prefix}\nbackend:\n  url: file://.state\n"
    )
    (root / "__main__.py").write_text(program)
    _taken(_engine("init"), root, root)
    return root


def _engine(operation: str) -> list[str]:
    words = {
        "init": ["stack", "init", "dev"],
        "up": ["up", "dev", "--yes", "--engine", "embedded"],
        "preview": ["preview", "dev", "--engine", "embedded"],
        "destroy": ["destroy", "dev", "--yes", "--engine", "embedded"],
    }
    return [sys.executable, "-m", "webstack.cli", *words[operation]]


def _pulumi(operation: str) -> list[str]:
    words = {
        "up": ["up", "--yes"],
        "preview": ["preview"],
        "destroy": ["destroy", "--yes", "--skip-preview"],
    }
    return ["pulumi", *words[operation], "--stack", "dev", "--non-interactive"]


def _taken(command: list[str], root: Path, home: Path) -> Taken:
    environ = {**os.environ, **ENVIRONMENT, "PULUMI_HOME": str(home), "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=root, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if process.returncode:
            output.seek(0)
            raise SystemExit(output.read().decode())
    return Taken(seconds, usage.ru_maxrss / 1024)


def _rounds(root: Path, operation: str, runners: dict[str, Runner], rounds: int) -> Measured:
    taken: Measured = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            taken[name].append(runner(root, operation))
    return taken


def _row(
    title: str, root: Path, operation: str, runners: dict[str, Runner], rounds: int
) -> list[str]:
    return [title, *_cells(_rounds(root, operation, runners, rounds))]


def _cells(taken: Measured) -> list[str]:
    """Give the median of seconds and the most memory; of the CLI only its own process counts."""
    cells = []
    for measured in taken.values():
        cells.append(f"{_median(measured):.2f} s")
        cells.append(f"{max(item.megabytes for item in measured):.0f} MB")
    medians = [_median(measured) for measured in taken.values()]
    return [*cells, *([f"{medians[0] / medians[1]:.2f}"] if len(medians) > 1 else [])]


def _median(measured: list[Taken]) -> float:
    return statistics.median(item.seconds for item in measured)


def _head(title: str, runners: dict[str, Runner]) -> list[str]:
    columns = [column for name in runners for column in (name, "memory")]
    return [title, *columns, *(["ratio"] if len(runners) > 1 else [])]


def _print(rows: list[list[str]]) -> None:
    head, *body = rows
    for row in (head, ["---"] * len(head), *body):
        print(f"| {' | '.join(row)} |")
    print(flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
