"""Measures what containers use at the moment: CPU, memory, network, processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from webstack.cli.daemon.containers import plain_errors, used_memory
from webstack.docker.errors import NotFoundError


class Usage(msgspec.Struct, frozen=True):
    """Holds the use of one container.

    ``cpu`` is in percent of one CPU, since a moment ago. Memory is in bytes, as are ``received``
    and ``sent`` since it started. What the daemon does not tell is None.
    """

    cpu: float | None
    memory: int | None
    memory_limit: int | None
    received: int
    sent: int
    processes: int | None


def measured(api: Any, names: Iterable[str]) -> dict[str, Usage]:
    """Measure running containers by name; one that is gone or stands still is left out.

    The daemon takes a second or two for it. Raises OpsError where it does not answer.
    """
    wanted = list(names)

    def measure(name: str) -> Usage | None:
        try:
            return usage(api.stats(name, stream=False))
        except NotFoundError:
            return None

    with plain_errors(), ThreadPoolExecutor(len(wanted) or 1) as pool:
        found = dict(zip(wanted, pool.map(measure, wanted), strict=True))
    return {name: each for name, each in found.items() if each}


def usage(stats: Mapping[str, Any]) -> Usage:
    """Turn what the daemon measured of a container into ours, by the sums of `docker stats`."""
    memory = stats.get("memory_stats") or {}
    networks: Iterable[Mapping[str, int]] = (stats.get("networks") or {}).values()
    own = list(networks)
    return Usage(
        cpu=_cpu(stats.get("cpu_stats") or {}, stats.get("precpu_stats") or {}),
        memory=used_memory(memory),
        memory_limit=memory.get("limit"),
        received=sum(each.get("rx_bytes", 0) for each in own),
        sent=sum(each.get("tx_bytes", 0) for each in own),
        processes=(stats.get("pids_stats") or {}).get("current"),
    )


def _cpu(now: Mapping[str, Any], before: Mapping[str, Any]) -> float | None:
    """Compute the share of one CPU between two looks; None where there was one look alone."""
    total, earlier = now.get("system_cpu_usage"), before.get("system_cpu_usage")
    if total is None or earlier is None or total <= earlier:
        return None
    used = now["cpu_usage"]["total_usage"] - before["cpu_usage"]["total_usage"]
    return float(used / (total - earlier) * (now.get("online_cpus") or 1) * 100)
