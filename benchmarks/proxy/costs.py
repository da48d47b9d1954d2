"""Measures a turn of wrk: its rate and times, and the CPU of all that worked for it."""

from __future__ import annotations

import os
import re
import socket
import statistics
import struct
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from docker.models.containers import Container

_TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Turn(NamedTuple):
    """Holds requests a second, milliseconds of half and of 99 of 100, and CPU of each request.

    CPU is in microseconds: of the container that serves, and of the daemon with its helpers.
    """

    rate: float
    half: float
    slow: float
    server: float
    daemon: float


def turn(container: Container, url: str, seconds: int, options: Sequence[str] = ()) -> Turn:
    """Have wrk ask for an address; raises SystemExit if an answer is no success."""
    helpers = around(container)
    before = _nanoseconds(container), _microseconds(helpers)
    command = ["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", *options, url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = _nanoseconds(container), _microseconds(helpers)
    total, rate, half, slow = parsed(said)
    server, daemon = (after[0] - before[0]) / 1000, after[1] - before[1]
    return Turn(rate, half, slow, server / total, daemon / total)


def parsed(said: str) -> tuple[int, float, float, float]:
    """Give requests, their rate and two latencies in milliseconds from what wrk printed."""
    if "Non-2xx" in said or re.search(r"(connect|read|write) [1-9]", said):
        raise SystemExit(said)
    [total] = re.findall(r"(\d+) requests in", said)
    [rate] = re.findall(r"Requests/sec:\s+([\d.]+)", said)
    half, slow = (_milliseconds(said, share) for share in ("50%", "99%"))
    return int(total), float(rate), half, slow


def median(turns: Iterable[Turn]) -> Turn:
    """Give the median of each figure."""
    return Turn(*(statistics.median(figures) for figures in zip(*turns, strict=True)))


def around(container: Container) -> list[int]:
    """Give the processes that work for a container outside of it: the daemon and its helpers."""
    container.reload()
    shim = _parent(int(container.attrs["State"]["Pid"]))
    daemon = daemon_process()
    found = [shim, *([daemon] if daemon else [])]
    return found + _children(daemon, "docker-proxy") if daemon else found


def daemon_process() -> int:
    """Tell which process listens on the daemon's unix socket; 0 if it is elsewhere."""
    address = urlsplit(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    if address.scheme != "unix":
        return 0
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address.path)
        size = struct.calcsize("3i")
        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack("3i", found)[0])


def _children(parent: int, name: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            process = int(folder.name)
            if (folder / "comm").read_text().strip() == name and _parent(process) == parent:
                found.append(process)
        except OSError:
            continue
    return found


def _parent(process: int) -> int:
    return int(_stat(process)[1])


def _stat(process: int) -> list[str]:
    """Give the fields behind the name, which may have any characters."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _microseconds(processes: Iterable[int]) -> float:
    return sum(sum(map(int, _stat(each)[11:13])) for each in processes) * _TICK


def _nanoseconds(container: Container) -> int:
    return int(container.stats(stream=False)["cpu_stats"]["cpu_usage"]["total_usage"])


def _milliseconds(said: str, share: str) -> float:
    found = re.search(rf"^\s+{share}\s+([\d.]+)(us|ms|s|m)\s*$", said, re.MULTILINE)
    if not found:
        raise SystemExit(said)
    number, unit = found.groups()
    return float(number) * _UNITS[unit]
