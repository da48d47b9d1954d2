"""Keeps what a settled run depended on, beside the project's Python and for its user alone."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from webstack import __version__
from webstack.cli.settled.look import Asked
from webstack.cli.settled.tokens import Token, clock, environment, token

LONGEST: Final = 3600.0
"""Seconds that it holds: what no file tells of may have changed meanwhile."""
_SET: Final = 2.0
"""Seconds that the machine's clock may drift."""
_FORMAT: Final = 1
_FOLDER: Final = ".venv/webstack-settled"
_LARGEST: Final = 8 << 20


class Settled(NamedTuple):
    """Holds a run that found nothing to do: what it depended on, and what it told.

    ``paths`` lie by the kind of their tokens, of which ``looks`` is a digest. ``found`` is what the
    daemon had of what is ``asked``. ``words`` are what the command tells.
    """

    environment: str
    paths: Mapping[str, Sequence[str]]
    looks: str
    asked: Asked
    found: str
    words: Mapping[str, Any]
    clock: float
    time: float
    version: str = __version__
    format: int = _FORMAT

    def holds(self, environ: Mapping[str, str]) -> bool:
        """Tell whether all that the run depended on is as it was, but for the daemon."""
        now = time.time()
        return (
            (self.version, self.format) == (__version__, _FORMAT)
            and self.time <= now < self.time + LONGEST
            and abs(clock() - self.clock) < _SET
            and self.environment == environment(environ)
            and self.looks == digest(tokens(self.paths))
        )


def tokens(paths: Mapping[str, Sequence[str]]) -> list[Token]:
    """Look at all paths, in their order."""
    return [token(path, kind) for kind in sorted(paths) for path in paths[kind]]


def digest(found: Sequence[Token]) -> str:
    """Give one text for what was found."""
    return hashlib.sha256(repr(found).encode()).hexdigest()


def load(root: str | os.PathLike[str], stack: str) -> Settled | None:
    """Give what is kept of a stack; None where there is nothing that can be read."""
    try:
        with open(_file(root, stack), "rb") as file:  # noqa: PTH123 - pathlib takes its time
            values = json.loads(file.read(_LARGEST))
        return Settled(**{**values, "asked": Asked.of(values["asked"])})
    except (OSError, ValueError, TypeError, LookupError):
        return None


def save(root: str | os.PathLike[str], stack: str, settled: Settled) -> None:
    """Keep it, by one rename; where that cannot be written, the next run finds nothing."""
    path = _file(root, stack)
    draft = f"{path}.{os.getpid()}"
    with suppress(OSError):
        with suppress(FileExistsError):
            os.mkdir(os.path.dirname(path), 0o700)  # noqa: PTH102, PTH120 - as above
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(settled._asdict(), file)
        os.replace(draft, path)  # noqa: PTH105 - as above


def forget(root: str | os.PathLike[str], stack: str) -> None:
    """Keep nothing of a stack."""
    with suppress(OSError):
        os.unlink(_file(root, stack))  # noqa: PTH108 - as above


def _file(root: str | os.PathLike[str], stack: str) -> str:
    return f"{root}/{_FOLDER}/{stack}.json"
