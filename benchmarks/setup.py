"""Measure how long a user waits: first `make up`, nothing to do, one changed line.

python3 -m benchmarks.setup             on this machine and its Docker daemon
python3 -m benchmarks.setup --machine   on a fresh Debian 12 without Docker, in a container

All runs on a copy of the project under a name and a port of its own, and everything is taken away
in the end. Only the standard library is used: a fresh machine has nothing else.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
CODE = Path("services/flask_app/notes/pages.py")
LINE = 'return render_template("front.html")'
UP = ("make", "up")
DOWN = ("make", "down", "DATA=1")
TARGETS = {"first": 90.0, "again": 1.5, "changed": 5.0}


@dataclass
class Timings:
    """Seconds until the command had ended, and until the page was served."""

    first: float = 0.0
    first_served: float = 0.0
    again: list[float] = field(default_factory=list)
    changed: float = 0.0
    changed_served: float = 0.0

    def rows(self) -> list[str]:
        """Give one line for each measured time, with its target."""
        again = statistics.median(self.again)
        return [
            f"{'':24}{'command':>10}{'serving':>10}{'target':>10}",
            _row("first make up", self.first, self.first_served, TARGETS["first"]),
            _row("again, nothing changed", again, 0, TARGETS["again"]),
            _row("one changed line", self.changed, self.changed_served, TARGETS["changed"]),
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--machine", action="store_true", help="on a fresh Debian in a container")
    parser.add_argument("--repeat", type=int, default=5, help="runs with nothing changed")
    options = parser.parse_args(arguments)
    if options.machine:
        from benchmarks import fresh_machine

        return fresh_machine.run(PROJECT, ["python3", "-m", "benchmarks.setup"])
    with tempfile.TemporaryDirectory(prefix="webstack-bench-") as folder:
        timings = measure(Path(folder) / "project", options.repeat)
    print("\n".join(timings.rows()))
    met = (
        timings.first_served <= TARGETS["first"],
        statistics.median(timings.again) <= TARGETS["again"],
        timings.changed_served <= TARGETS["changed"],
    )
    return 0 if all(met) else 1


def measure(project: Path, repeat: int) -> Timings:
    """Measure the times on a copy of the project."""
    port = copied(project)
    timings = Timings()
    try:
        timings.first, timings.first_served = timed(project, port, greeting("World"), *UP)
        timings.again = [timed(project, port, greeting("World"), *UP)[0] for _ in range(repeat)]
        whom = str(os.getpid())
        change(project, whom)
        timings.changed, timings.changed_served = timed(project, port, greeting(whom), *UP)
    finally:
        succeed(project, *DOWN)
    return timings


def copied(project: Path) -> int:
    """Copy all files that git tracks or would add; gives the port of the copy."""
    listing = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, target, follow_symlinks=False)
    return renamed(project)


def renamed(project: Path) -> int:
    """Give a copy a name and a port of its own; gives the port."""
    settings, port = project / "Pulumi.dev.yaml", _free_port()
    text = re.sub(
        r"^config:$", f"config:\n  webstack:port: {port}", settings.read_text(), flags=re.M
    )
    settings.write_text(text)
    pulumi = project / "Pulumi.yaml"
    pulumi.write_text(pulumi.read_text().replace("name: webstack", f"name: wsbench-{port}", 1))
    return port


def timed(project: Path, port: int, text: str, *command: str) -> tuple[float, float]:
    """Give the seconds that a command takes, and the seconds until the front page has ``text``."""
    began = time.monotonic()
    served: list[float] = []
    stop = threading.Event()
    url = f"http://127.0.0.1:{port}/"
    watcher = threading.Thread(target=_watch, args=(url, text, began, served.append, stop))
    watcher.start()
    succeed(project, *command)
    ended = time.monotonic() - began
    watcher.join(timeout=30)
    stop.set()
    if not served:
        raise SystemExit(f"{url} does not show {text!r}")
    return ended, served[0]


def greeting(whom: str) -> str:
    """Give the text with which the front page greets somebody."""
    return f"Hello, {whom}!</h1>"


def change(project: Path, whom: str) -> None:
    """Change one line of Python, so that the front page greets somebody else."""
    code = project / CODE
    line = rf"{re.escape(LINE)}.*"
    code.write_text(re.sub(line, f'{LINE}.replace("World", "{whom}")', code.read_text()))


def _watch(
    url: str, text: str, began: float, found: Callable[[float], None], stop: threading.Event
) -> None:
    while not stop.is_set():
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if text in answer.read().decode():
                    found(time.monotonic() - began)
                    return
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.05)


def succeed(project: Path, *command: str) -> None:
    """Run a command of the project without showing it; ends this program where it fails."""
    done = subprocess.run(
        command, cwd=project, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        raise SystemExit(f"`{' '.join(command)}` failed with exit code {done.returncode}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _row(name: str, command: float, served: float, target: float) -> str:
    serving = f"{served:.1f} s" if served else ""
    return f"{name:24}{f'{command:.1f} s':>10}{serving:>10}{f'{target:g} s':>10}"


if __name__ == "__main__":
    sys.exit(main())
