"""Measures pgbench in our container, and with Debian's own configuration in the same limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.data.servers import Place, docker

CLIENTS = 8


class Rate(NamedTuple):
    """Holds transactions per second, and whether the server was killed for its memory."""

    per_second: float
    killed: bool


def measured(place: Place, memory: int, words: Sequence[str], seconds: int, scale: int) -> Rate:
    """Give the rate of pgbench's own mix of reads and writes, by so many clients."""
    with place.postgres(memory, words) as server:
        docker("exec", server, "pgbench", "-i", "-q", "-s", str(scale), "postgres")
        load = ("-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-n", "postgres")
        said = docker("exec", server, "pgbench", *load)
        killed = docker("inspect", "-f", "{{.State.OOMKilled}}", server) == "true"
    found = re.search(r"tps = ([\d.]+)", said)
    return Rate(float(found[1]) if found else 0.0, killed)
