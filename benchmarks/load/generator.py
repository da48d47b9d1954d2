"""Send the requests from a process of their own, until its standard input ends.

python -m benchmarks.load.generator PORT FILE TRAFFIC
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from benchmarks.load.clients import LISTENERS, Traffic, ask, listen, mix
from benchmarks.load.records import Record, read

ROOT = Path(__file__).parents[2]


class Load:
    """Clients in a process of their own, as a context; ``records`` gives what they met."""

    def __init__(self, port: int, traffic: Traffic, file: Path) -> None:
        self._arguments = [str(port), str(file), json.dumps(asdict(traffic))]
        self._file = file

    def __enter__(self) -> Load:
        command = [sys.executable, "-m", __name__, *self._arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT)
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    def records(self) -> list[Record]:
        """Read all requests that have ended."""
        return read(self._file) if self._file.exists() else []


def run(port: int, file: Path, traffic: Traffic) -> None:
    """Let all clients send at once, and write down what they meet."""
    stop = threading.Event()
    met: queue.SimpleQueue[Record | None] = queue.SimpleQueue()
    asking = [
        threading.Thread(target=ask, args=(client, port, stop, met.put)) for client in mix(traffic)
    ]
    listening = [
        threading.Thread(target=listen, args=(listener, port, stop, met.put))
        for listener in (LISTENERS if traffic.streams else [])
    ]
    writing = threading.Thread(target=_write, args=(met, file))
    for thread in (writing, *asking, *listening):
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in (*asking, *listening):
        thread.join()
    met.put(None)
    writing.join()


def _write(met: queue.SimpleQueue[Record | None], file: Path) -> None:
    with file.open("w", buffering=1) as out:
        while (record := met.get()) is not None:
            out.write(f"{json.dumps(record)}\n")


if __name__ == "__main__":
    port, file, traffic = sys.argv[1:]
    run(int(port), Path(file), Traffic(**json.loads(traffic)))
