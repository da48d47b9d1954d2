"""Measure how long `webstack rollback` takes, beside an `up` with nothing to do.

Code, environment and host names of one service, and the code of another, change together and come
back together. ``serving`` is the time at which the page shows that; the old containers go after it.
Under the Pulumi CLI each command also takes its own start and end: the `up` shows how much that is.
All runs on a copy of the project, as with benchmarks.setup. Without a `pulumi` on PATH only the
engine is measured.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import setup

TARGET = 5.0
WEBSTACK = ".venv/bin/webstack"
SETTINGS = "Pulumi.dev.yaml"
OTHER_CODE = "services/django_app/website/urls.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 if the engine's rollback does not serve in time."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rollback", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="rollbacks under each runner (5)")
    options = parser.parse_args(arguments)
    runners = ["embedded", *(["pulumi"] if shutil.which("pulumi") else [])]
    print(f"{'':12}{'up, nothing':>14}{'rollback':>12}{'serving':>12}{'target':>10}")
    slow = False
    with tempfile.TemporaryDirectory(prefix="webstack-bench-") as folder:
        project = Path(folder) / "project"
        port = setup.copied(project)
        try:
            setup.timed(project, port, setup.greeting("World"), *setup.UP)
            for runner in runners:
                rows = [measured(project, port, runner, n) for n in range(options.repeat)]
                columns = zip(*rows, strict=True)
                nothing, command, served = (statistics.median(column) for column in columns)
                slow |= runner == "embedded" and served > TARGET
                print(f"{runner:12}{nothing:12.1f} s{command:10.1f} s{served:10.1f} s{TARGET:8g} s")
        finally:
            setup.succeed(project, *setup.DOWN)
    return 1 if slow else 0


def measured(project: Path, port: int, runner: str, number: int) -> tuple[float, float, float]:
    """Give the seconds of an `up` with nothing to do, of a rollback, and until that serves."""
    whom, engine = f"{runner} {number}", ("--engine", runner, "--yes")
    change_everything(project, whom)
    setup.timed(project, port, setup.greeting(whom), WEBSTACK, "up", *engine)
    nothing, _ = setup.timed(project, port, setup.greeting(whom), WEBSTACK, "up", *engine)
    rollback = (WEBSTACK, "rollback", *engine)
    return nothing, *setup.timed(project, port, setup.greeting("World"), *rollback)


def change_everything(project: Path, whom: str) -> None:
    """Change the code of both services, the environment and the host names."""
    setup.change(project, whom)
    word = whom.replace(" ", "-")
    with (project / OTHER_CODE).open("a") as code:
        code.write(f"# {word}\n")
    settings = project / SETTINGS
    text = re.sub(r"hosts: \[flask.*", f"hosts: [flask-{word}.localhost]", settings.read_text())
    database = r"( +)(DATABASE_URL: .*flask.*)(\n +WHOM: .*)?"
    settings.write_text(re.sub(database, rf"\1\2\n\1WHOM: {word}", text))


if __name__ == "__main__":
    sys.exit(main())
