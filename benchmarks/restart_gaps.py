"""Measure how long a stack has no listener while its holder is replaced: the seconds of previews.

Run it from the project's folder, with a Docker daemon: python -m benchmarks.restart_gaps
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import statistics
import tempfile
import threading
import time
from pathlib import Path

from tests.deployment import Deployment, copied


def main() -> None:
    """Publish the port on another address and back, and print the gap of each change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="how often to replace it")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder, copied(Path(folder) / "project") as stack:
        stack.up()
        addresses = itertools.islice(itertools.cycle(["0.0.0.0", "127.0.0.1"]), times)
        gaps = [moved(stack, address) for address in addresses]
    for gap in gaps:
        print(f"{gap:.2f} s")
    print(f"median {statistics.median(gaps):.2f} s, longest {max(gaps):.2f} s")


def moved(stack: Deployment, address: str) -> float:
    """Publish the port on another address; gives the longest seconds between two answers."""
    answered: list[float] = []
    end = threading.Event()
    visitor = threading.Thread(target=visit, args=(stack.port, answered, end))
    visitor.start()
    stack.change_settings(lambda config: config.update({"webstack:bind": address}))
    stack.up()
    time.sleep(1)
    end.set()
    visitor.join()
    return max(later - sooner for sooner, later in itertools.pairwise(answered))


def visit(port: int, answered: list[float], end: threading.Event) -> None:
    """Ask for the front page a hundred times a second, and note the time of each answer."""
    while not end.wait(0.01):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                answered.append(time.monotonic())
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()


if __name__ == "__main__":
    main()
