"""Reads from the kernel how much memory a container uses, where it runs on this machine.

The daemon itself measures once a second, and answers after that only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

_FIRST: Final = ("sys/fs/cgroup/memory", "memory.usage_in_bytes")
_SECOND: Final = ("sys/fs/cgroup", "memory.current")
"""Where a version of control groups has its folders, and the file with the bytes in use."""


def measured(process: int, container: str, root: Path = Path("/")) -> dict[str, Any] | None:
    """Measure a container by its first process and its id, in the shape of Docker's API.

    Gives None where the process is of another machine, or the kernel does not tell.
    """
    try:
        groups = Path(root, "proc", str(process), "cgroup").read_text(encoding="utf-8")
        for line in sorted(groups.splitlines(), reverse=True):
            _, controllers, group = line.split(":", 2)
            place, file = _SECOND if not controllers else _FIRST
            if controllers in ("", "memory") and container in group:
                return _read(Path(root, place, group.lstrip("/")), file)
    except (OSError, ValueError):
        return None
    return None


def _read(folder: Path, file: str) -> dict[str, Any]:
    lines = (folder / "memory.stat").read_text(encoding="utf-8").splitlines()
    stats = {name: int(value) for name, _, value in (line.partition(" ") for line in lines)}
    return {"usage": int((folder / file).read_text(encoding="utf-8")), "stats": stats}
