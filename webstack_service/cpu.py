"""Chooses the number of workers by the container's CPU limit, never by the host's cores."""

from __future__ import annotations

import math
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
FEWEST = 2  # one serves while the other is replaced or busy


def limit(cgroup: Path = CGROUP) -> float | None:
    """Say how many CPUs the container may use; None without a limit."""
    return _version_2(cgroup / "cpu.max") or _version_1(cgroup / "cpu")


def workers(cpus: float | None) -> int:
    """Choose a number of gthread workers; their threads wait while others compute."""
    return FEWEST if cpus is None else max(FEWEST, math.ceil(cpus) + 1)


def _version_2(file: Path) -> float | None:
    quota, _, period = _text(file).partition(" ")
    return int(quota) / int(period) if quota.isdecimal() else None


def _version_1(folder: Path) -> float | None:
    quota = _text(folder / "cpu.cfs_quota_us")
    period = _text(folder / "cpu.cfs_period_us")
    return int(quota) / int(period) if quota.isdecimal() and period.isdecimal() else None


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
