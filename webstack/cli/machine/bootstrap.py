"""What `make` runs first, with the machine's own Python: `.venv`, and a Docker daemon beside it.

Standard library only. Both are prepared at the same time, because on a new machine each takes
seconds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
OLDEST = (3, 10)


def main(arguments: list[str] | None = None) -> int:
    """Prepare the machine; prints one line and gives 1 where that is not possible."""
    if sys.version_info < OLDEST:
        print("webstack needs Python 3.10 or later: make up PYTHON=python3.11", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="webstack.cli.machine.bootstrap", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    parser.add_argument("--engine", action="store_true", help="also see to a Docker daemon")
    options = parser.parse_args(arguments)
    try:
        return _prepare(options.dev, options.engine)
    except KeyboardInterrupt:
        print("\nInterrupted; run the same again to go on.", file=sys.stderr)
        return 130


def _prepare(dev: bool, engine: bool) -> int:
    # Only now, so that a Python that is too old gets as far as the message above.
    from webstack.cli.machine.preparation import together
    from webstack.cli.machine.virtualenv import Virtualenv
    from webstack.cli.terminal.errors import OpsError
    from webstack.cli.terminal.progress import reporter
    from webstack.contract import plain_text

    try:
        together(Virtualenv(PROJECT, dev), engine, reporter())
    except OpsError as error:
        print(plain_text.block(f"error: {error}"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
