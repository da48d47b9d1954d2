"""Finds out about another process on this host: whether it lives, and since when."""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

CLOCK_SLACK: Final = 60.0
"""Seconds by which a clock may have been set without it meaning anything."""
_FIRST_NAMESPACE: Final = "pid:[4026531836]"  # PROC_PID_INIT_INO of the kernel


def exists(pid: int) -> bool:
    """Tell whether a process has this id now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not (sees_itself() and _is_zombie(pid))


def start_time(pid: int) -> float | None:
    """Return the Unix time at which a living process began; None where that is unknown."""
    fields, booted = _stat(pid), boot_time()
    if fields is None or fields[0] == "Z" or booted is None:
        return None
    return booted + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def identity(pid: int | str) -> str | None:
    """Return an id that no other process will have: boot, and start time since the boot.

    ``self`` is this process, whatever its number is where /proc comes from.
    """
    fields, booted = _stat(pid), boot()
    return f"{booted}/{fields[19]}" if booted and fields is not None and fields[0] != "Z" else None


def boot() -> str | None:
    """Return the id of this boot of the machine; None where that is unknown."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None


def boot_time() -> float | None:
    """Return the Unix time at which the machine started; None where that is unknown."""
    try:
        found = re.search(r"^btime (\d+)", Path("/proc/stat").read_text(), re.MULTILINE)
    except OSError:
        return None
    return float(found[1]) if found else None


def namespace() -> str | None:
    """Return the id of this process's PID namespace; None where that is unknown."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return None


def sees_itself() -> bool:
    """Tell whether /proc shows processes under the numbers that they have here."""
    try:
        return str(Path("/proc/self").readlink()) == str(os.getpid())
    except OSError:
        return False


def known_as(pid: int) -> list[int] | None:
    """List the processes, by their numbers here, that have this number in their namespace.

    None where some cannot be seen: only the first namespace of a machine sees those of all others.
    """
    if namespace() != _FIRST_NAMESPACE or not sees_itself() or _stat(1) is None:
        return None
    numbers = (int(entry.name) for entry in Path("/proc").glob("[1-9]*"))
    return [number for number in numbers if _own_number(number) == pid]


def _own_number(number: int) -> int | None:
    """Return a process's number in its own namespace; None when it has ended."""
    try:
        status = Path(f"/proc/{number}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"^NSpid:.*\b(\d+)$", status, re.MULTILINE)
    return int(found[1]) if found else number


def of_session(leader: int) -> list[int]:
    """List the living processes of the session that this process leads, itself among them."""
    found = []
    for entry in Path("/proc").glob("[1-9]*"):
        fields = _stat(entry.name)
        if fields is not None and fields[0] not in "ZX" and int(fields[3]) == leader:
            found.append(int(entry.name))
    return found


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


def _stat(pid: int | str) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()
