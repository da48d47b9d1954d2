"""Tells what counts requests which replicas are there: a line for each, every few seconds.

An nginx that hangs or is gone leaves lines that grow old.
"""

import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path("/run/webstack/requests")
PAUSE = 5.0


def tell(there: Mapping[str, bool], folder: Path = FOLDER) -> None:
    """Write whether each replica is served by somebody."""
    # Where one nginx follows another, both write.
    draft = folder / f"replicas.{os.uname().nodename}"
    lines = (f"{name} {int(served)}\n" for name, served in sorted(there.items()))
    draft.write_text("".join(lines))
    draft.replace(folder / "replicas")


def keep_telling(upstreams: object) -> None:
    """Tell for ever, where there is a folder for it and room."""
    while True:
        with contextlib.suppress(OSError):
            tell(upstreams.there)  # type: ignore[attr-defined]
        time.sleep(PAUSE)
