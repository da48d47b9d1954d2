"""Measure what each command costs, beside an earlier version: seconds, CPU and peak memory.

python3 -m benchmarks.commands [--commit COMMIT] [--times N]

Both versions are built in copies of the project with names and ports of their own. Each stack is
brought up, and then the commands of both run in turns, so that other load on the machine meets both
alike. CPU seconds are those of the command and its children, without the Docker daemon. Memory is
that of the largest process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import setup

BEFORE = "f5c4020"
"""The version that the figures are compared with, unless another one is named."""
WEBSTACK = ".venv/bin/webstack"
COMPOSE = "docker-compose"


class Cost(NamedTuple):
    """The cost of one run: seconds, CPU seconds, and MB of its largest process."""

    seconds: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Command:
    """One line of the table: a command, and what runs ``before`` it, untimed, so that it has work.

    The goal is in seconds.
    """

    name: str
    words: tuple[str, ...]
    before: Callable[[Path], None] = lambda _: None
    goal: float | None = None


def _touched(project: Path) -> None:
    """Touch a source, so that the program runs again although nothing is to do."""
    (project / "Pulumi.dev.yaml").touch()


def _changed(project: Path) -> None:
    setup.change(project, str(time.monotonic_ns()))


def _settled(project: Path) -> None:
    """Run a command that finds nothing to do, so that the next run knows that already."""
    setup.succeed(project, WEBSTACK, "up", "dev", "--yes")


def _released(project: Path) -> None:
    """Make a second release, so that there is one to go back from."""
    _changed(project)
    setup.succeed(project, WEBSTACK, "up", "dev", "--yes")


COMMANDS = (
    Command("`webstack up`, nothing to do", (WEBSTACK, "up", "dev", "--yes"), _settled, 0.20),
    Command("`make up`, nothing to do", ("make", "up"), _settled, 0.35),
    Command("`webstack preview`, nothing to do", (WEBSTACK, "preview"), _settled, 0.20),
    Command("`webstack preview`, the program runs", (WEBSTACK, "preview"), _touched, 0.75),
    Command("`webstack status`", (WEBSTACK, "status"), goal=0.25),
    Command("`webstack up`, one changed line", (WEBSTACK, "up", "dev", "--yes"), _changed, 2.9),
    Command("`webstack rollback`", (WEBSTACK, "rollback", "--yes"), _released, 2.0),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; exit code 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--commit", default=BEFORE, help=f"the earlier version ({BEFORE})")
    parser.add_argument("--times", type=int, default=5, help="runs of each command (5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="commands with this in the name")
    options = parser.parse_args(arguments)
    chosen = [each for each in COMMANDS if options.only in each.name]
    with tempfile.TemporaryDirectory(prefix="webstack-bench-") as name:
        projects = {"before": Path(name) / "before", "now": Path(name) / "now"}
        archived(options.commit, projects["before"])
        setup.copied(projects["now"])
        try:
            for project in projects.values():
                setup.succeed(project, *setup.UP)
                setup.succeed(project, *setup.UP)
            found = {each.name: measured(each, projects, options.times) for each in chosen}
            beside = compose(Path(name), options.times)
        finally:
            for project in projects.values():
                subprocess.run(setup.DOWN, cwd=project, capture_output=True, check=False)
    print(*table(chosen, found, beside), sep="\n")
    return int(any(missed(each, found[each.name]["now"]) for each in chosen))


def archived(commit: str, project: Path) -> None:
    """Put the files of a commit into a folder, under a name and a port of their own."""
    project.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "archive", commit], cwd=setup.PROJECT, capture_output=True, check=True
    )
    subprocess.run(["tar", "x"], cwd=project, input=archive.stdout, check=True)
    setup.renamed(project)


def measured(command: Command, projects: Mapping[str, Path], times: int) -> dict[str, list[Cost]]:
    """Run a command in each project, in turns."""
    found: dict[str, list[Cost]] = {version: [] for version in projects}
    for _ in range(times):
        for version, project in projects.items():
            command.before(project)
            found[version].append(cost(project, command.words))
    return found


def cost(project: Path, words: Sequence[str]) -> Cost:
    """Run a command to its end; ends this program where it fails."""
    environ = {name: value for name, value in os.environ.items() if name not in _SLOWING}
    with tempfile.TemporaryFile() as output, tempfile.NamedTemporaryFile() as costs:
        measured = (sys.executable, "-IS", "-c", _MEASURED, costs.name, *words)
        code = subprocess.run(
            measured,
            cwd=project,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ).returncode
        if code:
            output.seek(0)
            raise SystemExit(f"{' '.join(words)} failed\n{output.read().decode()[-4000:]}")
        return Cost(*map(float, costs.read().split()))


_MEASURED: Final = """
import os, sys, time
began = time.monotonic()
process = os.fork()
if not process:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(process, 0)
seconds = time.monotonic() - began
with open(sys.argv[1], "w") as file:
    print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=file)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs the command from a small process: Linux counts the memory of a parent as its child's."""
_SLOWING: Final = ("PYTHONDONTWRITEBYTECODE",)
"""Variables that would slow the commands: with it Python compiles each module at each start."""


def compose(folder: Path, times: int) -> list[Cost]:
    """Measure docker-compose on four containers with nothing to do; no runs where it is missing."""
    if not shutil.which(COMPOSE):
        return []
    image = next(iter(_images()), "")
    services = "".join(
        f"  s{number}: {{image: '{image}', entrypoint: [sleep, infinity]}}\n" for number in range(4)
    )
    project = folder / "compose"
    project.mkdir()
    (project / "docker-compose.yml").write_text(f"version: '3'\nservices:\n{services}")
    try:
        setup.succeed(project, COMPOSE, "up", "-d")
        return [cost(project, (COMPOSE, "up", "-d")) for _ in range(times)]
    finally:
        setup.succeed(project, COMPOSE, "down", "-t", "0")


def _images() -> Iterator[str]:
    listed = ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "webstack/python"]
    yield from subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()


def table(
    commands: Iterable[Command], found: Mapping[str, Mapping[str, list[Cost]]], beside: list[Cost]
) -> Iterator[str]:
    """Give the lines of a table in Markdown: medians of seconds and CPU, and the largest memory."""
    yield "| command | before | now | of it | goal |"
    yield "|---|---:|---:|---:|---:|"
    for each in commands:
        before, now = (middle(found[each.name][version]) for version in ("before", "now"))
        goal = f"≤ {each.goal:.2f} s" if each.goal else ""
        ratio = f"{now.seconds / before.seconds:.2f}"
        yield f"| {each.name} | {_shown(before)} | {_shown(now)} | {ratio} | {goal} |"
    if beside:
        yield f"| `{COMPOSE} up -d` of four containers | | {_shown(middle(beside))} | | |"


def middle(costs: Sequence[Cost]) -> Cost:
    """Give the median of seconds and CPU, and the largest memory."""
    seconds, cpu, memory = zip(*costs, strict=True)
    return Cost(statistics.median(seconds), statistics.median(cpu), max(memory))


def missed(command: Command, costs: Sequence[Cost]) -> bool:
    """Tell whether a goal was missed."""
    return command.goal is not None and middle(costs).seconds > command.goal


def _shown(cost: Cost) -> str:
    return f"{cost.seconds:.2f} s, {cost.cpu:.2f} CPU s, {cost.memory:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
