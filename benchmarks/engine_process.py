"""One operation of the embedded engine on the project in this folder, as a process to measure."""

from __future__ import annotations

import sys
from pathlib import Path

from engine import operations, stacks
from engine.display import TextDisplay
from engine.project import Project


def main() -> int:
    """Carry out the operation that the argument names."""
    project = Project.load(Path.cwd())
    if sys.argv[1] == "init":
        stacks.init(project, "dev")
        return 0
    operation = getattr(operations, sys.argv[1])
    return int(operation(project, "dev", observe=TextDisplay(sys.stdout)).exit_code)


if __name__ == "__main__":
    raise SystemExit(main())
