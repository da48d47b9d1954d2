"""Makes `.venv`, and starts a Docker daemon beside it, with the machine's own Python.

Standard library only. Both are prepared at the same time, because on a new machine each takes
seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

OLDEST = (3, 10)


def project_of(module: Path) -> Path:
    """Find the project whose tool a module belongs to.

    That is its checkout; or, of a module in a wheel, the folder around ``wheels/``.
    """
    tool = module.parents[3]
    return tool if tool.is_dir() else tool.parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Prepare the machine; prints one line and gives 1 where that is not possible."""
    if sys.version_info < OLDEST:
        print("webstack needs Python 3.10 or later: make up PYTHON=python3.11", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="webstack.cli.machine.bootstrap", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    parser.add_argument("--daemon", action="store_true", help="also see to a Docker daemon")
    parser.add_argument("--stack", metavar="STACK", help="for which: its own host has the daemon")
    parser.add_argument(
        "--wheelhouse", action="store_true", help="only fetch all packages into wheelhouse/"
    )
    options = parser.parse_args(arguments)
    project = project_of(Path(__file__).resolve())
    # Where this runs from a wheel, that is on Python's path for this process alone.
    os.environ.pop("PYTHONPATH", None)
    try:
        return _prepare(project, options)
    except KeyboardInterrupt:
        print("\nInterrupted; run the same again to go on.", file=sys.stderr)
        return 130


def _is_elsewhere(project: Path, stack: str | None) -> bool:
    """Tell whether a stack's settings name the machine that its daemon runs on."""
    from webstack.contract import bounded_files, stack_host

    try:
        text = bounded_files.read_regular(project / f"Pulumi.{stack}.yaml", bounded_files.SMALL)
    except OSError:
        return False  # what is wrong with it is told by what reads it
    return stack_host.is_named_in(text.decode(errors="replace"))


def _prepare(project: Path, options: argparse.Namespace) -> int:
    # Only now, so that a Python that is too old gets as far as the message above.
    from webstack.cli.machine.preparation import together
    from webstack.cli.machine.virtualenv import Virtualenv, fill_wheelhouse
    from webstack.cli.terminal.errors import OpsError
    from webstack.cli.terminal.progress import reporter
    from webstack.contract import plain_text

    try:
        if options.wheelhouse:
            fill_wheelhouse(project, reporter())
        else:
            daemon = options.daemon and not _is_elsewhere(project, options.stack)
            together(Virtualenv(project, options.dev), daemon, reporter())
    except OpsError as error:
        print(plain_text.block(f"error: {error}"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
