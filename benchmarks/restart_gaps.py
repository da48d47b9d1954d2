"""How long a stack is without a listener while its published port moves: the seconds of previews.

Run from the project's folder, with a Docker engine: python -m benchmarks.restart_gaps
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

from tests.deployment import Deployment, copied, port_of_no_client


def main() -> None:
    """Move the port, and print the gap of each time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="how often to move the port")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder, copied(Path(folder) / "project") as stack:
        stack.up()
        ports = [stack.port, *(port_of_no_client() for _ in range(times))]
        gaps = [moved(stack, old, new) for old, new in itertools.pairwise(ports)]
    for gap in gaps:
        print(f"{gap:.2f} s")
    print(f"median {statistics.median(gaps):.2f} s, longest {max(gaps):.2f} s")


def moved(stack: Deployment, old: int, new: int) -> float:
    """Move the port; gives the time from the last answer at the old to the first at the new."""
    answered: dict[int, list[float]] = {old: [], new: []}
    end = threading.Event()
    visitors = [
        threading.Thread(target=visit, args=(port, answered[port], end)) for port in answered
    ]
    for visitor in visitors:
        visitor.start()
    stack.change_settings(lambda config: config.update({"webstack:port": new}))
    stack.up()
    time.sleep(1)
    end.set()
    for visitor in visitors:
        visitor.join()
    return answered[new][0] - answered[old][-1]


def visit(port: int, answered: list[float], end: threading.Event) -> None:
    """Ask for the front page a hundred times a second, and note when it was answered."""
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
