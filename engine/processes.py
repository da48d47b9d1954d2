"""What can be known of another process on this host: whether it lives, and since when."""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

CLOCK_SLACK: Final = 60.0
"""Seconds by which a clock may have been set without it meaning anything."""


def exists(pid: int) -> bool:
    """Tell whether a process has this id now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def start_time(pid: int) -> float | None:
    """Give the Unix time at which a living process began; None where that cannot be told."""
    fields = _stat(pid)
    if fields is None or fields[0] == "Z":
        return None
    try:
        boot = re.search(r"^btime (\d+)", Path("/proc/stat").read_text(), re.MULTILINE)
    except OSError:
        return None
    if boot is None:
        return None
    return int(boot[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def identity(pid: int) -> str | None:
    """Name a living process for good: boot, and time since then; a number may be used again."""
    fields = _stat(pid)
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return f"{boot}/{fields[19]}" if fields is not None and fields[0] != "Z" else None


def parse_time(text: str) -> float | None:
    """Read an RFC 3339 time with up to nine digits of fraction."""
    match = re.fullmatch(r"(.*T\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", text)
    if match is None:
        return None
    zone = "+00:00" if match[3] == "Z" else match[3]
    whole = datetime.fromisoformat(match[1] + zone).astimezone(timezone.utc)
    return whole.timestamp() + float(match[2] or 0)


def _is_zombie(pid: int) -> bool:
    fields = _stat(pid)
    return fields is not None and fields[0] == "Z"


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()
