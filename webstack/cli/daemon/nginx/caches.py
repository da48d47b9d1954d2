"""Reads which services nginx keeps answers of and how often those are used, and has them forgotten.

How often is counted in the lines that nginx logs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from webstack.cli.daemon.nginx.access_log import last_lines
from webstack.cli.terminal.errors import OpsError
from webstack.contract.container_paths import CACHES

LATELY = 2000
"""How many of the last lines of nginx are counted."""
_FROM_CACHE = frozenset(("HIT", "STALE", "UPDATING", "REVALIDATED"))


def services(api: Any, proxy: str) -> list[str]:
    """Give the services that have a cache in this nginx, in order."""
    folders = api.inspect_container(proxy)["HostConfig"].get("Tmpfs") or {}
    return sorted(each.removeprefix(CACHES) for each in folders if each.startswith(CACHES))


def purge(api: Any, proxy: str, chosen: Sequence[str]) -> None:
    """Have nginx forget the answers of services; raises OpsError if it cannot."""
    job = api.exec_create(proxy, ["webstack-purge", *chosen])["Id"]
    said = api.exec_start(job).decode(errors="replace").strip()
    if api.exec_inspect(job)["ExitCode"]:
        raise OpsError(f"nginx could not be told: {said}", "look at `webstack status`")


def shares(api: Any, proxy: str) -> Mapping[str, tuple[int, int]]:
    """Give by service how many requests were answered from the cache lately, and of how many."""
    known = services(api, proxy)
    if not known:
        return {}
    found = counted(last_lines(api, proxy, LATELY))
    return {name: found.get(name, (0, 0)) for name in known}


def counted(lines: Iterable[bytes]) -> dict[str, tuple[int, int]]:
    """Count the lines of requests that might be answered from a cache, and those that were."""
    hits: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for line in lines:
        try:
            said = json.loads(line)
            service, state = str(said["service"]), said["cache"]
        except (ValueError, KeyError, TypeError):
            continue  # of another kind
        if state:
            asked[service] += 1
            hits[service] += state in _FROM_CACHE
    return {name: (hits[name], total) for name, total in asked.items()}
