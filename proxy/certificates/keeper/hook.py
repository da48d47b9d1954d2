"""Runs the project's program that lays records of DNS: ``present NAME VALUE``, ``remove …``."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from keeper.errors import OrderError

_LONGEST = 120
_MOST = 300


@dataclass(frozen=True)
class Hook:
    """Names the file of the program. It returns once the record can be seen."""

    file: Path

    def run(self, what: str, name: str, value: str) -> None:
        """Have it lay or remove a record; raises OrderError with the last line that it said."""
        command = [sys.executable, str(self.file), what, name, value]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_LONGEST, check=False)
        except subprocess.TimeoutExpired:
            raise OrderError(f"the hook did not {what} {name} within {_LONGEST} s") from None
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            last = said[-1][:_MOST] if said else f"exit code {done.returncode}"
            raise OrderError(f"the hook did not {what} {name}: {last}")
